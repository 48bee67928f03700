import { id as keccakOfText } from "ethers";

import { EMERGENCY, PROVIDER, RESEARCHER, asAuthority, keyDocumentOf, type Chain } from "../../../../devnet/index.js";
import { plainParty, type Party } from "../party.js";
import { DAY } from "../typed-data.js";
import { PROVIDER_NAME, type Cast, type Member } from "./action.js";

/** Registers everybody of a cast but the newcomer, and licenses the provider. */
export async function castOf(
  chain: Chain,
  parties: { patient: Party; provider: Party; friend: Party; newcomer: Party },
): Promise<Cast> {
  const [aunt, uncle] = (await chain.ethers.getSigners()).slice(-2);
  const patient = await registerPerson(chain, parties.patient);
  const provider = await registerProvider(chain, parties.provider);
  const friend = await registerPerson(chain, parties.friend);
  return {
    chain,
    patient,
    provider,
    friend,
    aunt: await registerPerson(chain, await plainParty(aunt!)),
    uncle: await registerPerson(chain, await plainParty(uncle!)),
    newcomer: parties.newcomer,
    next: (await chain.registrar.participantCount()) + 1n,
    deadline: BigInt(await chain.networkHelpers.time.latest()) + BigInt(DAY),
  };
}

/** Registers an account as a person. */
export async function registerPerson({ registrar }: Chain, party: Party): Promise<Member> {
  const data = registrar.interface.encodeFunctionData("registerPatient", [keyDocumentOf("a person")]);
  await party.send(registrar, data);
  return { ...party, id: await registrar.participantOf(party.address) };
}

/** Registers an account as an institution of the provider's name, licensed for a year. */
export async function registerProvider(chain: Chain, party: Party): Promise<Member> {
  const { registrar } = chain;
  const call = registrar.interface;
  await party.send(
    registrar,
    call.encodeFunctionData("registerInstitution", [keyDocumentOf("a provider"), PROVIDER_NAME]),
  );
  const id = await registrar.participantOf(party.address);
  const until = (await chain.networkHelpers.time.latest()) + 365 * DAY;
  const licence = [id, keccakOfText(PROVIDER_NAME), PROVIDER | EMERGENCY | RESEARCHER, until] as const;
  await asAuthority(chain, registrar, call.encodeFunctionData("license", [...licence]));
  return { ...party, id };
}
