/** What is in the package: what a user needs and nothing else. Bytecode is for devnets alone: nothing of src holds any. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

import { textOf } from "../setup/project.mjs";

/** Far longer than any hash, far shorter than any contract. */
export const BYTECODE = /(?:0x)?[0-9a-f]{400}/i;
const EXPECTED =
  /^(dist\/(src|typechain-types|devnet|ignition)\/.+(\.d\.ts|\.js)|dist\/cli\/[^/]+\.js|dist\/cli\/LICENSES|contracts\/.+\.sol|dist\/artifacts\/contracts\/.+\.json|(CHANGELOG|README)\.md|LICENSE|NOTICE|package\.json)$/;
const UNEXPECTED = /\.t\.sol$|\/mocks\/|__factory/;
/** Megabytes that it may take, unpacked. */
const LARGEST = 9;

/** @param {string} tarball */
export async function checkContents(tarball) {
  const problems = [];
  if (!BYTECODE.test(textOf("typechain-types", "factories", "contracts", "Records__factory.ts") ?? "")) {
    problems.push("bytecode isn't recognized where it is: typechain-types/factories");
  }
  const files = [...filesOf(gunzipSync(readFileSync(tarball)))];
  for (const { name, content } of files) {
    if (!EXPECTED.test(name) || UNEXPECTED.test(name)) problems.push(`${name}: why is this published?`);
    if (!name.startsWith("dist/artifacts/") && BYTECODE.test(content)) problems.push(`${name} holds bytecode`);
  }
  const names = new Set(files.map(({ name }) => name));
  for (const needed of [
    "LICENSE",
    "NOTICE",
    "contracts/interfaces/IConsents.sol",
    "dist/src/abi/index.js",
    "dist/cli/main.js",
    "dist/cli/LICENSES",
    "dist/artifacts/contracts/Records.sol/Records.json",
  ]) {
    if (!names.has(needed)) problems.push(`${needed} is missing`);
  }
  const notice = files.find(({ name }) => name === "NOTICE")?.content ?? "";
  const size = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0) / 1_000_000;
  if (size > LARGEST) problems.push(`it takes ${size.toFixed(1)} MB; ${LARGEST} were enough so far`);
  return {
    problems: [...problems, ...missingNotices(notice)],
    notes: [`${files.length} files, ${size.toFixed(1)} MB`],
  };
}

/** The files of a tar archive (POSIX.1-1988, as npm writes it), without its first folder. @param {Buffer} tar */
function* filesOf(tar) {
  const text = (/** @type {number} */ from, /** @type {number} */ length) =>
    tar.toString("utf8", from, from + length).replace(/\0[\s\S]*$/, "");
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const prefix = text(at + 345, 155);
    const path = `${prefix === "" ? "" : `${prefix}/`}${text(at, 100)}`;
    if (text(at + 156, 1) === "0") {
      yield { name: path.slice(path.indexOf("/") + 1), content: tar.toString("utf8", at + 512, at + 512 + size) };
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

/** NOTICE names every direct dependency, its version and licence, and none that isn't one. @param {string} notice */
function missingNotices(notice) {
  const lines = Object.keys(JSON.parse(textOf("package.json") ?? "{}").dependencies).map((dependency) => {
    const { name, version, license } = JSON.parse(textOf("node_modules", dependency, "package.json") ?? "{}");
    return `- ${name} ${version}, ${license}`;
  });
  const listed = notice.slice(notice.indexOf("Installed with it")).match(/^- .+$/gm) ?? [];
  return [
    ...lines.filter((line) => !listed.includes(line)).map((line) => `NOTICE lacks: ${line}`),
    ...listed.filter((line) => !lines.includes(line)).map((line) => `NOTICE names what isn't installed: ${line}`),
  ];
}
