// Rows of whole numbers whose fields have names, as rows.py writes them.

/**
 * Rows as objects, by the names of their fields; the last may be a list, "...others". What never
 * came is NaN, which no number reaches.
 * @param {{ fields: string, rows: string }} packed
 * @returns {Record<string, any>[]}
 */
export function named({ fields, rows }) {
  const names = fields.split(" ");
  return rows.split(",").filter(Boolean).map((row) => {
    /** @type {Record<string, any>} */
    const found = {}, numbers = row.split(" ").map(Number);
    names.forEach((name, n) => {
      if (name.startsWith("...")) found[name.slice(3)] = numbers.slice(n);
      else found[name] = numbers[n];
    });
    return found;
  });
}
