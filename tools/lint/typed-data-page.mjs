/** The page of everything that is signed: what the SDK's descriptors say of each message, with an example. Runs under tsx. */
import { readFileSync } from "node:fs";

import { format } from "prettier";

import { messageTypesOf } from "../../src/sdk/handover/signed/action.ts";
import { SUBJECTS } from "../../src/sdk/handover/signed/index.ts";
import { allModules } from "../../src/sdk/modules/index.ts";

export const TYPED_DATA_PAGE = "docs/reference/typed-data.md";

/** One message of each type, on the cast that the page names. */
export const EXAMPLES = JSON.parse(readFileSync(new URL("typed-data-examples.json", import.meta.url), "utf8"));

const INTRODUCTION = `# Typed data

Everything that anybody signs, as a wallet shows it. All of it is [EIP-712](https://eips.ethereum.org/EIPS/eip-712).

## Domain

| Field | Value |
|---|---|
| \`name\` | \`ChartChain\` |
| \`version\` | \`1\` |
| \`chainId\` | the chain's id |
| \`verifyingContract\` | the contract in the table below |

A signature counts on this chain and for this contract only.

\`npm run typed-data\` writes this page from the descriptors in \`src/sdk/handover/signed/\` and from those of the modules.`;

const CANCELLED = `Signatures are cancelled by \`cancelSignatures\`, and by everything else that starts another signature epoch: revoking
everything, changing settings or guardians, retiring or keeping an account, calling off a change of key, coming of age, a
recovery. A message that names no \`signatureEpoch\` outlives that.

Whoever signs in a patient's place (a delegate, a representative) names the sum of two signature epochs: the patient's and its own. Both
only grow, so the message is dead when either of the two cancels signatures.`;

const FIELDS = `## Fields

| Field | Means |
|---|---|
| \`patient\`, \`participant\`, \`provider\`, \`viewer\`, \`steward\`, \`issuer\`, \`guardian\`, \`delegate\`, \`representative\`, \`institution\`, \`starter\`, \`child\`, \`responder\`, \`granter\`, \`recipient\`, \`researcher\`, \`holder\`, \`author\` | participant ids; \`steward\` 0 is every steward |
| \`account\`, \`newAccount\` | the account that a message is about |
| \`scope\` | what an account may do: \`operator\` or \`owner\`; a person's are owners |
| \`to\` | the account that gets tokens |
| \`study\`, \`season\` | the number of a study; of a season, from 0 |
| \`providerName\`, \`viewerName\`, \`stewardName\`, \`responderName\`, \`researcherName\` | the institution's registered name; empty for a person; \`every steward\` where \`steward\` is 0 |
| \`purpose\` | an HL7 v3 PurposeOfUse code: \`TREAT\`, \`ETREAT\`, \`HPAYMT\`, \`HOPERAT\`, \`HRESCH\`, \`PUBHLTH\`, \`PATRQT\` |
| \`categories\`, \`emergencyCategories\`, \`grants\`, \`views\` | eight booleans, one per category; in a batch, \`grants\` and \`revocations\` are lists |
| \`until\`, \`deadline\`, \`issuedAt\` | seconds since 1970; \`until\` 0 in a relationship: no end |
| \`recordDigest\` | sha2-256 of a record's manifest, as it was anchored |
| \`dataDigest\` | a salted digest of what was delivered |
| \`termsDigest\` | sha2-256 over \`ChartChain/terms/v1\`, a zero byte, 32 random bytes and the sealed terms, all of which travel in a file; of a study, over its terms with their salt. No CID |
| \`keyDocument\` | the labelled SHA-256 of a [key document](../architecture.md#key-document), which is no CID |
| \`guardiansDigest\` | keccak-256 of the person's id and the guardians with their salt |
| \`nonce\`, \`blocks\`, \`accessEpoch\`, \`signatureEpoch\`, \`generation\`, \`version\`, \`number\` | the counter as it is now; in a patient's place \`signatureEpoch\` is the patient's and the signer's together; for an offer and its approval the relationship's nonce plus one, for the start of a recovery the starter's number plus one |

Names are not taken from the message. The contract hashes the names that the Registrar has: a wallet that was shown
another name made another digest, and the signature is invalid. The SDK fetches a name from the registration event and
compares it with the digest in state before it asks for a signature (\`NAME_UNVERIFIED\`).

\`npm run test:interop\` compares every type with go-ethereum and anvil; their digests are in \`test/vectors/eip712.json\`.

## Messages

Examples are on chain 31337. Participants 7 and 8 are persons, 4 is General Hospital, 9 is City Clinic, 11 is Ambulance, 12 is University. The
deadline is 28 November 2026, 12:00 UTC.`;

/** The page as it has to be, as Prettier leaves it. @returns {Promise<string>} */
export async function typedDataPage() {
  const modules = allModules.map((module) => ("signed" in module ? module.signed : undefined));
  const seen = new Set();
  const chapters = [...SUBJECTS, ...modules.filter((subject) => subject !== undefined)].map((subject) => {
    const types = messageTypesOf(subject).filter((type) => !seen.has(type));
    for (const type of types) seen.add(type);
    return { ...subject, types };
  });
  const rows = chapters.flatMap(({ types, others }) =>
    types.map((type) => {
      const { primaryType: name, contract, signedBy, diesWhen } = type;
      const dies = others.includes(type) ? `${diesWhen}; never goes on chain` : diesWhen;
      return `| [\`${name}\`](#${name.toLowerCase()}) | ${contract} | ${signedBy} | ${dies} |`;
    }),
  );
  const endless = chapters
    .flatMap(({ types }) => types)
    .filter(({ primaryType, types }) => !types[primaryType].some(({ name }) => name === "deadline"))
    .map(({ primaryType }) => `\`${primaryType}\``);
  const table = ["| Type | Contract | Signed by | Dies when |", "|---|---|---|---|", ...rows].join("\n");
  const deadline = `All but ${endless.slice(0, -1).join(", ")} and ${endless.at(-1)} also die after \`deadline\`.`;
  const messages = chapters.flatMap(({ title, about, types }) => [
    `### ${title}`,
    ...(about === undefined ? [] : [about]),
    ...types.map(sectionOf),
  ]);
  const text = [INTRODUCTION, table, deadline, CANCELLED, FIELDS, ...messages].join("\n\n");
  const blocks = await Promise.all(text.split("\n\n").map(asPrettierLeavesIt));
  return `${blocks.join("\n\n")}\n`;
}

/** Tables stay as they are: padded, one changed cell would change every row. @param {string} block */
const asPrettierLeavesIt = async (block) =>
  block.startsWith("|")
    ? block
    : (await format(block, { parser: "markdown", printWidth: 120, proseWrap: "always" })).trimEnd();

/** @param {import("../../src/sdk/chain/typed-data.js").MessageType} type */
function sectionOf(type) {
  const { primaryType, about = "" } = type;
  const example = EXAMPLES[primaryType];
  const said = example === undefined ? `it has no example in tools/lint/typed-data-examples.json` : type.says(example);
  const json = JSON.stringify(example, null, 2);
  return `#### ${primaryType}\n\n"${said}" ${about}\n\n\`\`\`json\n${json}\n\`\`\``;
}
