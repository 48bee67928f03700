import { openSession } from "../../actor/session.js";
import { OutputFile } from "../../files/output-file.js";
import { signedAction } from "../../files/signed-file.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { confirm } from "../../terminal/ask.js";
import { caution, done, facts, gas, next, table } from "../../terminal/tables.js";
import { BASIS_WORDS, byEnd, namesOf } from "../../words/access-in-words.js";
import { whoMaySee } from "../../../watch/index.js";

export default command({
  purpose:
    "Takes everything back that anybody has: every grant, every delegate, every broken glass. It begins a new epoch: what was signed before and not sent is dead, too. The providers that keep the records stay: chartchain relationship end. A representative's powers that a court or a clinic gave stay.",
  flags: {
    patient: optional(participant, "by a representative: whose"),
    sign: optional(file, "send nothing: write the signed revocation here, for somebody else to relay"),
    yes: toggle("don't ask; what ends is shown all the same"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--sign bob-revokes.json --yes --home homes/bob"],
  async run({ patient, sign, yes, ...flags }, talk) {
    await using output = sign === undefined ? undefined : await OutputFile.reserve(sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "patient" });
    const { client, transactions } = session;
    const of = patient === undefined ? {} : { patient };
    const { seers } = await whoMaySee(client, of);
    const ending = seers.filter(({ basis }) => basis !== "relationship" && basis !== "representative");
    const nameOf = await namesOf(
      client,
      seers.map(({ viewer }) => viewer),
    );
    const rows = ending.map(({ viewer, basis, purpose, sees }) => [
      nameOf(viewer),
      BASIS_WORDS[basis],
      purpose ?? "anything",
      byEnd(sees).join("; "),
    ]);
    if (rows.length > 0) talk.note(table(["loses access", "by", "for", "to"], rows));
    const stays = seers.filter(({ basis }) => basis === "relationship").map(({ viewer }) => nameOf(viewer));
    await confirm(talk, "Take everything back?", yes);
    const revocation = { everyone: true as const, ...of };
    if (output !== undefined) return await signedAction(session, output, await client.signRevokeAccess(revocation));
    const { receipt } = await client.revokeAccess(revocation);
    return {
      data: { ...revocation, ended: ending, transactions },
      text: [
        done(`Revoked everything: ${ending.length === 0 ? "there was nothing to take back" : "a new epoch begins"}`),
        facts({
          "still see what they keep": stays.length === 0 ? undefined : stays,
          gas: gas(Number(receipt.gasUsed)),
        }),
        caution("What was read before can't be taken back. Records added from now on get a key that isn't given out."),
        ...(ending.some(({ basis }) => basis === "grant")
          ? [next("what was yours you may grant again: chartchain consent again")]
          : []),
      ].join("\n"),
    };
  },
});
