import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, several } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { caution, done, facts, nextOfOthers } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";

export default command({
  purpose:
    "Writes a key document, or takes others' in. Whoever is to seal something to a participant needs its document: this home's own, or the one of somebody else that this vault has. It holds nothing secret, and stands on IPFS nowhere.",
  flags: {
    out: optional(file, "write the document here"),
    participant: optional(participant, "whose document to write (this home's own)"),
    take: several(file, "take a document in that its owner, or somebody else, handed over"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: [
    "--out alice-key.json --home homes/alice",
    "--take alice-key.json --home homes/hospital",
    "--participant 2 --out clinic-key.json --home homes/alice",
  ],
  async run({ out, participant: whose, take, ...flags }, talk) {
    if ((out === undefined) === (take.length === 0)) throw badUsage("give --out FILE, or --take FILE");
    if (out === undefined && whose !== undefined) throw badUsage("--participant goes with --out");
    const files = await Promise.all(take.map(readJsonFile));
    await using output = out === undefined ? undefined : await OutputFile.reserve(out, flags);
    // Its owner signs what it hands out.
    const account = out !== undefined && whose === undefined ? "sign" : "address";
    await using session = await openSession(flags, talk, { account, vault: "open" });
    const { client } = session;
    if (output !== undefined) {
      const written = await client.ownKeyDocument(whose === undefined ? {} : { participant: whose });
      await output.writeJson(written);
      return {
        data: { participant: written.participant, file: output.path },
        text: [
          done(`Wrote the key document of participant ${written.participant}`),
          facts({ file: output.path }),
          nextOfOthers(`whoever seals to this participant takes it in: chartchain key document --take ${output.path}`),
        ].join("\n"),
      };
    }
    const taken = [];
    for (const each of files) taken.push(await client.takeKeyDocument({ file: each }));
    return {
      data: { taken },
      text: taken
        .flatMap(({ participant: of, keyVersion, current }) => [
          done(`Took the key document of participant ${of}`),
          facts({ "its key version": keyVersion }),
          ...(current ? [] : [caution("It doesn't count yet: what is sealed until then needs the present one.")]),
        ])
        .join("\n"),
    };
  },
});
