import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant as participantId, url } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, done, facts, gas, next, nextOfOthers, short, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";

export default command({
  purpose:
    "Announces a fresh encryption key, which counts in two days: what is written from then on is sealed for it. The vault keeps the former key for what is older. --cancel calls it off. A child's representative gives the child a key of the own vault with --child, at once, and every six hours at the most.",
  flags: {
    cancel: toggle("call off a change that doesn't count yet"),
    child: optional(participantId, "the child whose representative you are: its key changes at once"),
    service: optional(url, "where an institution's service answers, for the new key document"),
    sign: optional(
      file,
      "send nothing: write the signed change, or its cancellation, here, for somebody else to relay",
    ),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--cancel --home homes/alice"],
  async run({ cancel, child, service, ...flags }, talk) {
    if (child !== undefined && (cancel || service !== undefined))
      throw badUsage("--child takes no --cancel and no --service");
    if (cancel && service !== undefined) throw badUsage("--cancel takes no --service");
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client, transactions } = session;
    if (child !== undefined) {
      if (output !== undefined)
        return await signedAction(session, output, await client.signChangeKeyOfChild({ child }));
      const { receipt } = await client.changeKeyOfChild({ child });
      return {
        data: { participant: child, transactions },
        text: [done("The child has a key of this vault"), facts({ gas: gas(Number(receipt.gasUsed)) })].join("\n"),
      };
    }
    const participant = await client.ownId();
    if (cancel) {
      if (output !== undefined) return await signedAction(session, output, await client.signCancelKeyChange());
      const { receipt } = await client.cancelKeyChange();
      return {
        data: { participant, cancelled: true, transactions },
        text: [done("Called off: the key stays"), facts({ gas: gas(Number(receipt.gasUsed)) })].join("\n"),
      };
    }
    const input = service === undefined ? {} : { service };
    if (output !== undefined) return await signedAction(session, output, await client.signChangeKey(input));
    const { receipt } = await client.changeKey(input);
    const { keyDocument, from } = (await client.keyChangeOf({ participant }))!;
    return {
      data: { participant, keyDocument, from, transactions },
      text: [
        done("Announced another key"),
        facts({ "key document": short(keyDocument), "counts from": time(from), gas: gas(Number(receipt.gasUsed)) }),
        caution("Backups of before don't have it: make another one."),
        next("whoever seals to it takes the new key document in: chartchain key document --out FILE"),
        nextOfOthers(
          "a holder of older records gives them for the new key once it is confirmed: chartchain key confirm",
        ),
      ].join("\n"),
    };
  },
});
