import { command } from "../../line/command.js";
import { confirm } from "../../terminal/ask.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { OutputFile } from "../../files/output-file.js";
import { proposalFacts, proposalOf, type ShownProposal } from "../../words/proposal-facts.js";
import { readOffer } from "../../files/read-offer.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { done, facts, gas, nextOfOthers } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import type { Client, Sent, SignedActionFile } from "../../../sdk/index.js";
import { readTerms } from "../../../sdk/relationships/terms.js";

export default command({
  purpose:
    "Approves a provider's proposal, or accepts its signed offer, as the patient or a delegate. The terms are opened, verified and shown before anything is signed. With --sign nothing is sent: anybody may relay the file.",
  flags: {
    provider: optional(participant, "the provider whose proposal is answered"),
    terms: optional(
      file,
      "the sealed terms of the proposal, where chartchain relationship pending didn't take them in",
    ),
    offer: optional(file, "the signed offer that is accepted, instead of a proposal"),
    patient: optional(participant, "in whose place a delegate answers the proposal (this home's own)"),
    sign: optional(file, "send nothing: write the signed answer here, for somebody else to relay"),
    yes: toggle("don't ask; the terms are shown all the same"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "provider",
  examples: ["1 --terms terms.json --home homes/alice", "--offer offer.json --sign bob-accepts.json --home homes/bob"],
  async run({ provider, patient, sign, ...flags }, talk) {
    if ((provider === undefined) === (flags.offer === undefined)) {
      throw badUsage("it takes either a provider or --offer FILE");
    }
    if (patient !== undefined && flags.offer !== undefined) {
      throw badUsage("an offer names its patient itself: leave --patient out");
    }
    if (flags.terms !== undefined && flags.offer !== undefined)
      throw badUsage("an offer holds its terms: leave --terms out");
    const offer = flags.offer === undefined ? undefined : await readJsonFile(flags.offer);
    const terms = flags.terms === undefined ? undefined : await readJsonFile(flags.terms);
    await using output = sign === undefined ? undefined : await OutputFile.reserve(sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "patient" });
    const { client, transactions } = session;
    if (terms !== undefined) await client.takeTerms({ file: terms });

    const answer =
      offer === undefined ? await ofProposal(client, { provider: provider!, patient }) : await ofOffer(client, offer);
    talk.note(proposalFacts(answer.shown));
    await confirm(talk, "Approve this relationship?", flags.yes);
    if (output !== undefined) return await signedAction(session, output, await answer.sign());

    const { receipt } = await answer.send();
    const { provider: id, providerName } = answer.shown;
    return {
      data: { provider: id, providerName, status: "Active", transactions },
      text: [
        done(`Approved the relationship with ${providerName}`),
        facts({ provider: id, status: "Active", gas: gas(Number(receipt.gasUsed)) }),
        nextOfOthers(
          `the provider adds records: chartchain record add ${patient ?? (await client.ownId())} --input FILE`,
        ),
      ].join("\n"),
    };
  },
});

/** An answer that is ready: what it is about, and the two ways of giving it. */
interface Answer {
  shown: ShownProposal;
  send(): Promise<Sent>;
  sign(): Promise<SignedActionFile>;
}

async function ofProposal(
  client: Client,
  { provider, patient }: { provider: number; patient: number | undefined },
): Promise<Answer> {
  const of = patient === undefined ? {} : { patient };
  const shown = await proposalOf(client, { provider, patient });
  // Throws what the list only noted: nothing is approved that can't be shown.
  if (shown.providerName === "") await client.describeParticipant({ id: provider });
  const terms = await readTerms(client, patient ?? (await client.ownId()), provider, shown);
  return {
    shown: { ...shown, terms, problem: undefined },
    send: () => client.approveRelationship({ ...shown, ...of }),
    sign: () => client.signApproveRelationship({ ...shown, ...of }),
  };
}

async function ofOffer(client: Client, offer: unknown): Promise<Answer> {
  return {
    shown: await readOffer(client, offer),
    send: () => client.acceptOffer({ offer }),
    sign: () => client.signAcceptOffer({ offer }),
  };
}
