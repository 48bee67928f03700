import { homedir } from "node:os";

import { openIdentity } from "../actor/identity.js";
import { profileAt } from "../actor/profile.js";
import { command } from "../line/command.js";
import { ACTOR_FLAGS } from "../line/common-flags.js";
import { printable } from "../terminal/printable.js";
import { caution, done, facts, next, time } from "../terminal/tables.js";
import type { Environment } from "../terminal/program.js";
import { whoAmI, type WhoAmI } from "../../watch/index.js";

export default command({
  purpose:
    "Says who this home, or profile, is on the network: participant, name, account and what it may do, licence, in whose place it acts. It asks for no passphrase.",
  flags: ACTOR_FLAGS,
  examples: ["--home homes/alice"],
  async run(flags, talk) {
    await using identity = await openIdentity(flags, talk);
    const { client, account, chain } = identity;
    const network = { chainId: chain.deployment.chainId, node: new URL(flags.rpc).host };
    const where = {
      network: `chain ${network.chainId}, node ${network.node}`,
      home: homeOf(flags.home, talk.environment),
    };
    const profile = profileAt(flags.home, talk.environment);
    const me = await whoAmI(client);
    if (me === undefined) {
      // An account that acts no more belongs to somebody all the same.
      const { id } = await client.contracts.Registrar.accountOf(account);
      const former = Number(id);
      return {
        data: { registered: false, account: { account, scope: null }, former: former === 0 ? null : former, network },
        text:
          former === 0
            ? [
                done("Not registered yet"),
                facts({ account, ...where }),
                ...(chain.local
                  ? [
                      caution(
                        "A local chain starts empty each time: who was registered on one before isn't on this one.",
                      ),
                    ]
                  : []),
                ...(profile === undefined
                  ? [
                      next("as a patient: chartchain account register-patient"),
                      next("as an institution: chartchain account register-provider --name NAME"),
                    ]
                  : [next(`chartchain init ${profile}`)]),
                next("or, where guardians give this account to somebody: chartchain recovery status --guardians FILE"),
              ].join("\n")
            : [
                caution(`This account acts no more for participant ${former}, or not yet`),
                facts({ account, ...where }),
                next(`chartchain recovery status ${former}`),
              ].join("\n"),
      };
    }
    return {
      data: { registered: true, ...me, network },
      text: [
        done(
          me.kind === "institution" ? `${printable(me.name)}, participant ${me.id}` : `Participant ${me.id}, a person`,
        ),
        facts({
          ...licenceOf(me),
          account,
          "may act as": me.account?.scope,
          "other accounts": othersOf(me, account),
          "key version": me.keyVersion,
          ...placesOf(me),
          ...where,
        }),
        ...(me.recoveries.some(({ participant }) => participant === me.id)
          ? [caution("Somebody is about to give this participant another account."), next("chartchain recovery status")]
          : []),
        ...(me.kind === "institution" && !me.inGoodStanding
          ? [caution("Without a live licence it may do nothing yet: the authority licenses it.")]
          : []),
      ].join("\n"),
    };
  },
});

function licenceOf({ kind, roles, licensedUntil, suspendedUntil, inGoodStanding }: WhoAmI) {
  if (kind === "person") return {};
  const words = roles.length === 0 ? "none" : `${roles.join(", ")} until ${time(licensedUntil)}`;
  return {
    licence: inGoodStanding ? words : `${words}; not live`,
    "suspended until": suspendedUntil === 0 ? undefined : time(suspendedUntil),
  };
}

function othersOf({ accounts }: WhoAmI, own: string): string[] | undefined {
  const others = accounts.filter(({ account, acts }) => acts && account.toLowerCase() !== own.toLowerCase());
  return others.length === 0 ? undefined : others.map(({ account, scope }) => `${account} (${scope})`);
}

/** Who acts in this one's place, and in whose place this one acts. */
function placesOf({ delegates, actsFor, childhood }: WhoAmI) {
  return {
    "acts for":
      actsFor.length === 0
        ? undefined
        : actsFor.map(
            ({ patient, isChild, until }) =>
              `participant ${patient}${isChild ? ", a child" : ""}, until ${time(until)}`,
          ),
    "in its place act": delegates.length === 0 ? undefined : delegates.map(({ delegate }) => `participant ${delegate}`),
    "comes of age in": childhood?.comesOfAgeIn,
  };
}

/** The home folder as a person knows it. */
function homeOf(named: string | undefined, { HOME: own }: Environment): string | undefined {
  const base = own ?? homedir();
  return named?.startsWith(`${base}/`) ? `~${named.slice(base.length)}` : named;
}
