import { confirm } from "../../terminal/ask.js";
import { childRequestFile } from "../../files/child-files.js";
import { command, type Result } from "../../line/command.js";
import type { Talk } from "../../terminal/talk.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { optional, toggle, type Values } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { done, facts, gas, nextOfOthers } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { readChildAttestation } from "../../../sdk/people/children.js";

const FLAGS = {
  request: optional(file, "first: write here what the clinic needs to attest that the child is in your care"),
  attestation: optional(file, "then: register with what the clinic wrote"),
  sign: optional(file, "with --attestation: send nothing, write the signed registration here, for somebody to relay"),
  yes: toggle("don't ask; what is registered is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Registers a child for whom you act until the end of the year in which it comes of age, in two steps: you ask a clinic, and register with what the clinic attests. Your vault opens what is sealed for the child.",
  flags: FLAGS,
  examples: ["--request child.json --home homes/alice", "--attestation attestation.json --home homes/alice"],
  async run(flags, talk) {
    const { request, attestation, sign } = flags;
    if ((request === undefined) === (attestation === undefined)) {
      throw badUsage("it takes either --request FILE, or --attestation FILE");
    }
    if (request !== undefined && sign !== undefined) throw badUsage("--sign goes with --attestation");
    return request === undefined ? register(flags, attestation!, talk) : ask(flags, request, talk);
  },
});

async function ask(flags: Values<typeof FLAGS>, path: string, talk: Talk): Promise<Result> {
  await using output = await OutputFile.reserve(path, flags);
  await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "patient" });
  const { client } = session;
  const representative = await client.ownId();
  const keyDocument = await client.prepareChild();
  await output.writeJson(childRequestFile({ representative, keyDocument }));
  return {
    data: { representative, keyDocument, file: output.path },
    text: [
      done("Prepared a child's registration; nothing was sent"),
      facts({ representative, "for the clinic": output.path }),
      nextOfOthers(
        `the clinic, with the code that chartchain identity code --new-child shows you, attests it: chartchain child attest --request ${output.path}`,
      ),
    ].join("\n"),
  };
}

async function register(flags: Values<typeof FLAGS>, path: string, talk: Talk): Promise<Result> {
  const attestation = await readJsonFile(path);
  await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
  await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
  const { client, transactions } = session;
  const { message } = await readChildAttestation(client, attestation);
  const { name } = await client.describeParticipant({ id: Number(message["issuer"]) });
  talk.note(
    facts({
      "attested by": `${name} (participant ${Number(message["issuer"])})`,
      "comes of age in": Number(message["comesOfAgeIn"]),
    }),
  );
  await confirm(talk, "Register this child?", flags.yes);
  if (output !== undefined) return await signedAction(session, output, await client.signRegisterChild({ attestation }));
  const { participant, receipt } = await client.registerChild({ attestation });
  return {
    data: { participant, transactions },
    text: [
      done(`Registered the child as participant ${participant}`),
      facts({ "participant id": participant, gas: gas(Number(receipt.gasUsed)) }),
      nextOfOthers(`tell a provider this number; you answer for the child with --patient ${participant}`),
    ].join("\n"),
  };
}
