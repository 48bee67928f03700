import { join, resolve } from "node:path";

import {
  changeConfiguration,
  configurationFile,
  networkNamed,
  readConfiguration,
  ROLES,
  variablesOf,
  type Configuration,
  type Profile,
} from "../actor/profile.js";
import { fund, registering } from "../actor/registration.js";
import { openSession, type Session } from "../actor/session.js";
import { OutputFile } from "../files/output-file.js";
import { signedAction } from "../files/signed-file.js";
import { command, type Result } from "../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../line/common-flags.js";
import { anyText, choice, file, folder, networkName, profileName, url } from "../line/flag-kinds.js";
import { optional, readFlags, type Values } from "../line/flags.js";
import { badUsage } from "../line/usage.js";
import { askFor } from "../terminal/ask.js";
import type { Environment } from "../terminal/program.js";
import { caution, done, facts, next, nextOfOthers } from "../terminal/tables.js";
import type { Talk } from "../terminal/talk.js";
import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { dataHome } from "../../vault/node/index.js";

const PUBLIC_NAME = anyText("NAME");

const FLAGS = {
  name: optional(profileName, "what you call the profile; asked for when left out, as role and public name are"),
  role: optional(choice("ROLE", ROLES), "patient or provider"),
  "public-name": optional(PUBLIC_NAME, "of a provider: its name, as patients will see it"),
  service: optional(url, "of a provider: where the institution's service answers"),
  network: optional(networkName, "on which network (the usual one)"),
  home: optional(folder, "the home folder (~/.local/share/chartchain/profiles/NAME)"),
  sign: optional(
    file,
    "of a patient without ether: write the signed registration here, for somebody else to relay, and run init again then",
  ),
  force: FORCE,
};

export default command({
  purpose:
    "Sets up whoever acts on this machine, under a name for --profile: home folder, encrypted wallet, vault, registration. What is there already stays; run again after an interruption, it goes on.",
  flags: FLAGS,
  operand: "name",
  examples: [
    "alice --role patient",
    'hospital --role provider --public-name "General Hospital"',
    "bob --role patient --sign bob-registers.json",
  ],
  aboutProfiles: true,
  async run(flags, talk) {
    const configuration = readConfiguration(talk.environment);
    const { name, profile, isNew } = await choose(flags, configuration, talk);
    const publicName = async () =>
      flags["public-name"] ??
      (await askFor(talk, "public-name", "The institution's name, as patients will see it:", PUBLIC_NAME));
    if (profile.role === "patient" && (flags["public-name"] ?? flags.service) !== undefined)
      throw badUsage("--public-name and --service are of a provider");
    if (profile.role === "provider" && flags.sign !== undefined) throw badUsage("--sign is of a patient");
    const named = profile.role === "provider" && isNew ? await publicName() : undefined;

    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    const environment: Environment = { ...talk.environment, ...variablesOf(profile, configuration) };
    await using session = await openSession(
      readFlags(ACTOR_FLAGS, [], environment),
      { ...talk, environment },
      { account: "sign", vault: "create" },
    );
    await changeConfiguration(talk.environment, (present) => ({
      ...present,
      default: present.default ?? name,
      profiles: { ...present.profiles, [name]: profile },
    }));
    const already = await participantOf(session);
    if (already === undefined && output !== undefined) {
      const signed = await signedAction(session, output, await session.client.signRegisterPatient());
      return { ...signed, text: [signed.text, next(`when it was relayed: chartchain init ${name}`)].join("\n") };
    }
    const participant = already ?? (await register(session, profile, named, publicName, name, flags, talk));
    return ready({ name, profile, participant, session, already: already !== undefined }, talk);
  },
});

/** Name, role and network: of the flags, of the profile where it is there already, else asked for. */
async function choose(
  flags: Values<typeof FLAGS>,
  configuration: Configuration,
  talk: Talk,
): Promise<{ name: string; profile: Profile & Required<Pick<Profile, "home" | "role">>; isNew: boolean }> {
  const { profiles, networks, network: usual } = configuration;
  if (Object.keys(networks).length === 0) networkNamed(flags.network ?? "local", configuration);
  const name = flags.name ?? (await askFor(talk, "name", "What do you call this profile?", profileName));
  const present = Object.hasOwn(profiles, name) ? profiles[name]! : undefined;
  const role =
    flags.role ??
    present?.role ??
    (await askFor(talk, "role", "Patient or provider?", choice("ROLE", ROLES), "patient"));
  const network =
    flags.network ??
    present?.network ??
    usual ??
    (await askFor(talk, "network", `On which network (${Object.keys(networks).join(", ")})?`, networkName));
  networkNamed(network, configuration);
  const home = resolve(flags.home ?? present?.home ?? join(dataHome(talk.environment), "chartchain", "profiles", name));
  const wanted = { home, network, role };
  for (const [what, value] of Object.entries(present ?? {})) {
    if (Object.hasOwn(wanted, what) && wanted[what as keyof typeof wanted] !== value) throw differs(name, what);
  }
  return { name, profile: wanted, isNew: present === undefined };
}

const differs = (name: string, what: string) =>
  new ChartChainError("PROFILE_EXISTS", `there is a profile ${name} already, with another ${what}`, {
    details: { name, what },
    hint: "Give the new one another name; or forget that one first, its home folder stays: chartchain profile remove NAME",
  });

async function participantOf({ client }: Session): Promise<number | undefined> {
  try {
    return await client.ownId();
  } catch (error) {
    if (isChartChainError(error, "NOT_REGISTERED")) return undefined;
    throw error;
  }
}

async function register(
  session: Session,
  { role }: Profile,
  named: string | undefined,
  publicName: () => Promise<string>,
  profile: string,
  { service }: Values<typeof FLAGS>,
  talk: Talk,
): Promise<number> {
  const { client, chain, account } = session;
  const name = role === "provider" ? (named ?? (await publicName())) : undefined;
  if (chain.local) await fund(session, talk);
  try {
    const { participant } = await registering(session, () =>
      name === undefined
        ? client.registerPatient()
        : client.registerInstitution({ name, ...(service === undefined ? {} : { service }) }),
    );
    return participant;
  } catch (error) {
    if (!isChartChainError(error, "NO_FUNDS")) throw error;
    const { code, message, details, cause } = error;
    const without = role === "patient" ? `, or let somebody else pay: chartchain init ${profile} --sign FILE` : "";
    const hint = `Wallet and vault are there. Send ${account} some ether and run the same again${without}`;
    throw new ChartChainError(code, message, { details, cause, hint });
  }
}

interface Ready {
  name: string;
  profile: Profile;
  participant: number;
  session: Session;
  already: boolean;
}

function ready({ name, profile, participant, session, already }: Ready, { environment }: Talk): Result {
  const { role, network, home } = profile;
  const { account, created, transactions } = session;
  const configuration = readConfiguration(environment);
  const provider = Object.entries(configuration.profiles).find(([, each]) => each.role === "provider")?.[0];
  const isUsual = configuration.default === name;
  return {
    data: { profile: name, role, network, home, participant, account, created, usual: isUsual, transactions },
    text: [
      done(already ? `Profile ${name} is ready: nothing was left to do` : `Profile ${name} is ready`),
      facts({
        role,
        "participant id": participant,
        network,
        account,
        home,
        "kept in": configurationFile(environment),
      }),
      caution("Whoever loses the home folder loses the keys in it: make a backup."),
      next(`chartchain vault backup --out ${name}.backup --profile ${name}`),
      ...(role === "provider"
        ? [
            nextOfOthers(`the authority licenses it: chartchain authority license --institution ${participant}`),
            next(`chartchain relationship propose --patient ID --profile ${name}`),
          ]
        : [
            nextOfOthers(
              `a provider proposes: chartchain relationship propose --patient ${participant} --profile ${provider ?? "THEIRS"}`,
            ),
            next(`what was proposed: chartchain relationship pending --profile ${name}`),
          ]),
      ...(isUsual ? [] : [next(`to act as ${name} without --profile: chartchain profile use ${name}`)]),
    ].join("\n"),
  };
}
