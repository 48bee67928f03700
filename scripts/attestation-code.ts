import { step } from "./lib/command.js";
import { ACTOR_FLAGS } from "./lib/common-flags.js";
import { openSession } from "./lib/session.js";

export default step(import.meta, {
  name: "attestation-code",
  purpose:
    "Shows the code of a patient's account and key. Staff of a provider compare it before they attest who the patient is.",
  flags: ACTOR_FLAGS,
  examples: ["--home homes/alice"],
  async run(flags, talk) {
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const code = await session.client.ownAttestationCode();
    return { data: { code, participant: await session.client.ownId(), account: session.account }, text: code };
  },
});
