// Prints what gift-pegjs, an independent parser of Moodle's GIFT, reads in the file named.
const { readFileSync } = require("node:fs");
const { parse } = require("gift-pegjs");

console.log(JSON.stringify(parse(readFileSync(process.argv[2], "utf-8"))));
