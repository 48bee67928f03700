import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { choice, file, participant, stewards } from "../../line/flag-kinds.js";
import { optional, required, several, type Values } from "../../line/flags.js";
import { nameIfAgreed } from "../../actor/named.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, done, facts, gas } from "../../terminal/tables.js";
import { stillSees } from "../../words/still-sees.js";
import { badUsage } from "../../line/usage.js";
import { CATEGORIES, EVERY_STEWARD, PURPOSES, type AccessOf, type RevocationInput } from "../../../sdk/index.js";

const FLAGS = {
  viewer: required(participant, "who may no longer see"),
  purpose: optional(choice("PURPOSE", PURPOSES), "only the grant for this purpose (every grant of the viewer)"),
  categories: several(choice("CATEGORY", CATEGORIES), "only these of that grant (all)"),
  steward: optional(
    stewards,
    "with --purpose: the grant over this provider's records, or the one over every provider's",
  ),
  patient: optional(participant, "by a delegate: in whose place"),
  sign: optional(file, "send nothing: write the signed revocation here, for somebody else to relay"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Takes access away: one grant, or everything that one viewer has. Everything that anybody has: chartchain consent revoke-all. It counts from the next block on; what was read before can't be taken back.",
  flags: FLAGS,
  operand: "viewer",
  examples: ["2 --home homes/alice", "2 --purpose TREAT --steward every --categories MEDICATION --home homes/alice"],
  async run(flags, talk) {
    const revocation = revocationOf(flags);
    const { patient } = flags;
    if (patient !== undefined && flags.sign !== undefined) throw badUsage("--sign is for the patient");
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "patient" });
    const { client, transactions } = session;
    const { viewer } = flags;
    const name = await nameIfAgreed(client, viewer);
    if (output !== undefined) return await signedAction(session, output, await client.signRevokeAccess(revocation));

    const about = { ...(patient === undefined ? {} : { patient }), viewer };
    const before = await client.accessOf(about);
    const { receipt } = await client.revokeAccess({ ...revocation, ...(patient === undefined ? {} : { patient }) });
    const still = await client.accessOf(about);
    const nothing = !takesAway(before, flags);
    const who = name === "" ? `participant ${viewer}` : `${name} (participant ${viewer})`;
    const { purpose, categories, steward } = flags;
    return {
      data: {
        ...revocation,
        ...(patient === undefined ? {} : { patient }),
        ...{ nothingToRevoke: nothing, still },
        transactions,
      },
      text: [
        nothing ? caution(`There was nothing to revoke: ${who} has no such grant`) : done("Revoked"),
        facts({
          [nothing ? "asked to revoke" : "lost"]: nothing ? undefined : who,
          "for the purpose": purpose,
          categories: purpose === undefined ? undefined : categories.length === 0 ? "all" : categories.join(", "),
          of: steward === undefined ? undefined : steward === EVERY_STEWARD ? "every provider" : `provider ${steward}`,
          "still sees": stillSees(still),
          gas: gas(Number(receipt.gasUsed)),
        }),
        caution(
          nothing
            ? "Grants that were signed before and not sent are dead now."
            : "What was read before can't be taken back. Records added from now on get a key that isn't given out.",
        ),
      ].join("\n"),
    };
  },
});

/** Whether a viewer had what is revoked. */
function takesAway({ grants, emergency }: AccessOf, { purpose, steward, categories }: Values<typeof FLAGS>): boolean {
  if (purpose === undefined) return grants.length > 0 || emergency.length > 0;
  return grants.some(
    (grant) =>
      grant.purpose === purpose &&
      grant.steward === steward &&
      (categories.length === 0 || grant.categories.some((category) => categories.includes(category))),
  );
}

function revocationOf({ viewer, purpose, categories, steward }: Values<typeof FLAGS>): RevocationInput {
  if (purpose === undefined) {
    if (categories.length > 0 || steward !== undefined) throw badUsage("--categories and --steward go with --purpose");
    return { viewer };
  }
  if (steward === undefined) {
    throw badUsage(
      "--steward is missing: a grant over one provider's records stands apart from one over every provider's",
    );
  }
  return {
    viewer,
    purpose,
    steward,
    ...(categories.length === 0 ? {} : { categories }),
  };
}
