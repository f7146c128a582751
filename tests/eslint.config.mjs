// What a linter says about the course's JavaScript. What it cannot know, tsc checks: the types.
import js from "@eslint/js";

const LENGTH = { max: 40, skipBlankLines: true, skipComments: true };

export default [
  js.configs.recommended,
  { rules: {
    "complexity": ["error", 10],
    "eqeqeq": ["error", "always", { null: "ignore" }], // `== null` is null or undefined
    "max-len": ["error", { code: 100 }],
    "max-lines-per-function": ["error", LENGTH],
    "no-shadow": "error",
    "no-undef": "off", // tsc knows what a browser has
    "no-var": "error",
    "prefer-const": "error",
  } },
];
