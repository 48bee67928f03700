import { nameIfAgreed } from "../../actor/named.js";
import { openSession } from "../../actor/session.js";
import { OutputFile } from "../../files/output-file.js";
import { signedAction } from "../../files/signed-file.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, required } from "../../line/flags.js";
import { done, facts, gas } from "../../terminal/tables.js";
import { proposalFacts, proposalOf } from "../../words/proposal-facts.js";

export default command({
  purpose:
    "Declines a provider's proposal, as the patient or a delegate. With --sign nothing is sent: anybody may relay the file. An offer needs no answer: it lapses.",
  flags: {
    provider: required(participant, "the provider whose proposal is declined"),
    patient: optional(participant, "in whose place a delegate declines (this home's own)"),
    sign: optional(file, "send nothing: write the signed answer here, for somebody else to relay"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "provider",
  examples: ["1 --home homes/alice", "1 --patient 3 --home homes/bob"],
  async run({ provider, patient, sign, ...flags }, talk) {
    await using output = sign === undefined ? undefined : await OutputFile.reserve(sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "patient" });
    const { client, transactions } = session;
    const shown = await proposalOf(client, { provider, patient });
    talk.note(proposalFacts(shown));
    const answer = { provider, ...(patient === undefined ? {} : { patient }) };
    if (output !== undefined) return await signedAction(session, output, await client.signDeclineRelationship(answer));
    const { receipt } = await client.declineRelationship(answer);
    const name = shown.providerName || (await nameIfAgreed(client, provider)) || `provider ${provider}`;
    return {
      data: { ...answer, providerName: shown.providerName, status: "Declined", transactions },
      text: [
        done(`Declined the relationship with ${name}`),
        facts({ provider, status: "Declined", gas: gas(Number(receipt.gasUsed)) }),
      ].join("\n"),
    };
  },
});
