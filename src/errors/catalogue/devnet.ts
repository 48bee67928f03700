import type { Explanations } from "./explanation.js";

export const DEVNET = {
  ARTIFACTS_MISSING: {
    why: "The contracts aren't compiled.",
    fix: "`npx hardhat build`, or `node tools/setup.mjs`. If it is the package, install it again: they come with it.",
  },
  DEPLOYMENT_FAILED: {
    why: "The contracts could not be deployed. `cause` says why.",
    fix: "Mend the cause and run it again: it goes on where it stopped.",
  },
  HARDHAT_MISSING: {
    why: "A devnet is Hardhat's node, deployed to by Hardhat Ignition. They are optional peers of the package, and one isn't installed; `details.peer` says which.",
    fix: "Run the `npm install` that the hint says, with the versions that this one works with.",
  },
} satisfies Explanations;
