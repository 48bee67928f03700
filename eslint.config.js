import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "node_modules",
      ".cache",
      "dist",
      "artifacts",
      "cache",
      "coverage",
      "typechain-types",
      "tools/package/consumer",
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] } } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      // `await using` closes a file before a promise that is returned as it is.
      "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    files: ["scripts/**", "tour/**", "src/cli/**"],
    ignores: ["src/cli/terminal/program.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["argv", "env", "exitCode", "stdin", "stdout", "stderr"].map((property) => ({
          object: "process",
          property,
          message: "It is given to the program: see Program in src/cli/terminal/program.ts.",
        })),
      ],
    },
  },
  {
    files: ["src/**"],
    ignores: ["**/node/**", "src/cli/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        ...["Buffer", "process"].map((name) => ({
          name,
          message: "Browsers don't have it: it belongs into a node folder.",
        })),
      ],
    },
  },
  {
    files: ["src/sdk/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.name='chainCall']",
          message:
            "A context's provider, account and contracts are guarded: they throw a ChartChainError by themselves.",
        },
      ],
    },
  },
  { files: ["test/**"], rules: { "@typescript-eslint/no-unused-expressions": "off" } },
  {
    files: ["test/**/*.test.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.object.type='ThisExpression'][callee.property.name='timeout']",
          message: "The runner's limit is for what hangs. A machine that is busy makes a test slower, not red.",
        },
      ],
    },
  },
  { files: ["**/*.js", "**/*.mjs", "**/*.cjs"], extends: [tseslint.configs.disableTypeChecked] },
);
