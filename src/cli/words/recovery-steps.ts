import { ChartChainError } from "../../errors/index.js";
import type { Category, Client, GuardiansFile, RecoveryState, Sent, SignedActionFile } from "../../sdk/index.js";
import { inTheirHome } from "../line/own-home.js";
import { executableFrom, STAGE_WORDS } from "./recovery-in-words.js";
import { time } from "../terminal/tables.js";

/** A step of a recovery that is ready: what to show before it, the two ways of doing it, and what it came to. */
export interface RecoveryStep {
  shown: Record<string, string | undefined>;
  warning: string;
  question: string;
  send: () => Promise<Sent>;
  sign: () => Promise<SignedActionFile>;
  did: () => Promise<{ what: string; data: object; words: Record<string, string | undefined>; then: string[] }>;
}

/** A guardian starts a recovery, or approves one. */
export function approvalOf(
  client: Client,
  step: "start" | "approve",
  file: GuardiansFile,
  newAccount: string,
): RecoveryStep {
  const { participant, guardians } = file;
  const input = { file, newAccount };
  return {
    shown: {
      person: `participant ${participant}`,
      "new account": newAccount,
      "it takes": `${guardians.threshold} of ${guardians.members.length} guardians`,
    },
    warning: "Make sure of the account with the person himself or herself. A message may come from a thief.",
    question: "Is this the person's account?",
    send: () => (step === "start" ? client.startRecovery(input) : client.approveRecovery(input)),
    sign: () => (step === "start" ? client.signStartRecovery(input) : client.signApproveRecovery(input)),
    async did() {
      const open = (await client.listRecoveries({ participant })).filter(
        (recovery) => recovery.newAccount.toLowerCase() === newAccount.toLowerCase(),
      );
      const furthest = open.reduce((a, b) => (b.approvals > a.approvals ? b : a));
      const waits = furthest.stage === "Collecting" || furthest.stage === "Escalated";
      return {
        what: step === "start" ? "Started the recovery" : "Approved the recovery",
        ...stateOf(furthest, file),
        then: [
          inTheirHome(
            waits
              ? "another guardian: chartchain recovery approve ADDRESS --guardians FILE"
              : "then, with the new account: chartchain recovery execute FILE",
          ),
        ],
      };
    },
  };
}

/** The person stops a recovery that he or she didn't ask for. */
export async function vetoOf(client: Client, given: GuardiansFile | undefined): Promise<RecoveryStep> {
  const participant = await client.ownId();
  const running = async () =>
    (await client.listRecoveries({ participant })).find(({ stage }) => stage !== "Collecting");
  const before = await running();
  if (before === undefined) {
    throw new ChartChainError("NO_RECOVERY_RUNNING", `no recovery of participant ${participant} runs`, {
      details: { participant },
      hint: "There is nothing to veto: guardians who only collect approvals change nothing.",
    });
  }
  const input = given === undefined ? {} : { file: given };
  return {
    shown: {
      person: `participant ${participant}`,
      "new account": before.newAccount,
      stage: STAGE_WORDS[before.stage],
    },
    warning: "It counts once. If the guardians go on, they need one more, and nothing stops them.",
    question: "Veto this recovery?",
    send: () => client.vetoRecovery(input),
    sign: () => client.signVetoRecovery(input),
    async did() {
      const after = (await running())!;
      return {
        what: "Vetoed",
        ...stateOf(after, given),
        then: ["tell your guardians, in person, that you didn't ask for it"],
      };
    },
  };
}

/** The new account takes over. */
export async function executionOf(client: Client, file: GuardiansFile): Promise<RecoveryStep> {
  const { participant } = file;
  const newAccount = await client.signer!.getAddress();
  const seenInEmergency = async () => (await client.settingsOf({ patient: participant })).emergencyCategories;
  const before = await seenInEmergency();
  return {
    shown: {
      person: `participant ${participant}`,
      "new account": newAccount,
      "seen in an emergency": inOneLine(before),
    },
    warning:
      "Every former account is dead then, and everything granted has ended. Of what is seen in an emergency no more is left than SUMMARY and MEDICATION: the rest may be a thief's. Relationships stay.",
    question: "Take over?",
    send: () => client.executeRecovery({ file }),
    sign: () => client.signExecuteRecovery({ file }),
    async did() {
      const after = await seenInEmergency();
      const cut = before.filter((category) => !after.includes(category));
      return {
        what: `This account acts for participant ${participant}, and no other one does`,
        data: { participant, newAccount, emergencyCategories: after, noLongerInEmergency: cut },
        words: {
          account: newAccount,
          "seen in an emergency": inOneLine(after),
          "no longer": cut.length === 0 ? undefined : inOneLine(cut),
        },
        then: [
          "look at what was granted before, and grant it again: chartchain consent again",
          ...(cut.length === 0
            ? []
            : [
                `if that was your own wish for emergencies: chartchain consent settings --emergency ${before.join(",")}`,
              ]),
        ],
      };
    },
  };
}

const inOneLine = (categories: readonly Category[]): string =>
  categories.length === 0 ? "nothing" : categories.join(", ");

function stateOf(recovery: RecoveryState, guardians: GuardiansFile | undefined) {
  const from = guardians && executableFrom(recovery, guardians);
  const { participant, starter, newAccount, approvals, stage } = recovery;
  return {
    data: {
      participant,
      starter,
      newAccount,
      approvals,
      stage,
      ...(from === undefined ? {} : { executableFrom: from }),
    },
    words: {
      approvals: String(approvals),
      stage: STAGE_WORDS[stage],
      "executable from": from === undefined ? undefined : time(from),
    },
  };
}
