import { confirm } from "../../terminal/ask.js";
import { readChildRequest } from "../../files/child-files.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { anyText, file, wholeNumber } from "../../line/flag-kinds.js";
import { required, toggle } from "../../line/flags.js";
import { identityClaimFile } from "../../files/identity-claim.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { done, facts, nextOfOthers, time } from "../../terminal/tables.js";
import { identitySalt } from "../../../sdk/index.js";

export default command({
  purpose:
    "Attests, as a licensed provider, that a child is in a person's care, and in which calendar year it comes of age: a year doesn't tell a birthday. Sends nothing; the representative registers with it.",
  flags: {
    request: required(file, "what the representative wrote with chartchain child register --request"),
    code: required(
      anyText("DIGITS"),
      "the code on the representative's own screen (chartchain identity code --new-child), as staff read it there",
    ),
    identifier: required(anyText("TEXT"), "system and value in one text, such as http://clinic.example/mrn|12345"),
    "comes-of-age": required(wholeNumber("YEAR", 1971, 9999), "the calendar year in which the child comes of age"),
    out: required(file, "write the attestation here, for the representative"),
    identity: required(file, "write here what the salted commitment on chain is of, for the representative to keep"),
    yes: toggle("don't ask; what is attested is shown all the same"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: [
    '--request child.json --code "0312 5549 8821 0047 6630" --identifier "http://clinic.example/mrn|12345" --comes-of-age 2040 --out attestation.json --identity identity.json --home homes/clinic',
  ],
  async run({ code, identifier, "comes-of-age": comesOfAgeIn, ...flags }, talk) {
    const { representative, keyDocument } = await readChildRequest(flags.request);
    await using output = await OutputFile.reserve(flags.out, flags);
    await using identity = await OutputFile.reserve(flags.identity, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client } = session;
    const { kind } = await client.describeParticipant({ id: representative });
    talk.note(
      facts({ representative: `participant ${representative} (${kind})`, identifier, "comes of age in": comesOfAgeIn }),
    );
    await confirm(talk, "Attest that the child is in this person's care?", flags.yes);
    const salt = identitySalt();
    const file = await client.attestChild({ representative, keyDocument, code, identifier, salt, comesOfAgeIn });
    await identity.writeJson(identityClaimFile({ issuer: await client.ownId(), identifier, salt }));
    await output.writeJson(file);
    const deadline = Number(file.message["deadline"]);
    return {
      data: { representative, comesOfAgeIn, file: output.path, identity: identity.path, deadline },
      text: [
        done("Attested the child; nothing was sent"),
        facts({ "for the representative": output.path, "and to keep": identity.path, "counts until": time(deadline) }),
        nextOfOthers(`the representative registers it: chartchain child register --attestation ${output.path}`),
      ].join("\n"),
    };
  },
});
