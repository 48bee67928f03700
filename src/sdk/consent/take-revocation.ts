import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { currentTime, requireVault, type Context } from "../context.js";
import { requireTakeable } from "../handover/relay.js";
import { actionNamed, readSignedAction, type SignedActionFile } from "../handover/signed-action.js";
import { CATEGORIES, categoryIndex, type Category, type Purpose, purposeIndex } from "../vocabulary.js";

/** A signed revocation that counts here. */
export interface TakenRevocation {
  /** The name of the signed action. */
  action: string;
  /** Who signed it. */
  account: string;
  patient: number;
  /** Whom it is about, each once; empty for everybody. */
  viewers: number[];
  /** In one sentence. */
  says: string;
}

/** What a revocation's message names of one grant. */
interface Scope {
  viewer: number;
  purpose: Purpose;
  steward: number;
  categories: Readonly<Record<string, boolean>>;
  /** The grant's counters, in the state that ends. */
  generation: number;
  version: number;
}

/** What a message says, of those that are taken: the file was checked. */
type Said = Scope & {
  patient: number;
  delegate: number;
  accessEpoch: number;
  revocations: readonly Scope[];
};

/** How each revocation is noted, by its name: read from the chain first, then stored. */
const NOTED: Readonly<Record<string, (ctx: Context, said: Said) => Promise<{ viewers: number[]; store: () => void }>>> =
  {
    // It gets over one write in between, as the contract has it.
    revokeGrant: async (ctx, said) => ({
      viewers: [said.viewer],
      store: await grantEnds(ctx, said.patient, [{ ...said, version: said.version + 1 }]),
    }),
    changeConsents: async (ctx, { patient, revocations }) => ({
      viewers: [...new Set(revocations.map(({ viewer }) => viewer))],
      store: await grantEnds(ctx, patient, revocations),
    }),
    async revokeViewer(ctx, { patient, viewer, generation }) {
      const accessEpoch = await accessEpochOf(ctx, patient);
      const ended = { patient, viewer, accessEpoch, generation: generation + 1 };
      return { viewers: [viewer], store: () => requireVault(ctx).denials.recordViewer(ended) };
    },
    revokeAll: async (ctx, { patient, accessEpoch }) => ({
      viewers: [],
      store: () => requireVault(ctx).denials.recordEveryone({ patient, accessEpoch: accessEpoch + 1 }),
    }),
    async dismissDelegate(ctx, { patient, delegate: viewer }) {
      const { accessEpoch, version } = await ctx.contracts.Delegates.delegationOf(patient, viewer);
      const ended: [number, number] = [Number(accessEpoch), Number(version)];
      return {
        viewers: [viewer],
        store: () => requireVault(ctx).access.endedDelegations.set({ patient, viewer }, ended),
      };
    },
  };

/**
 * Takes a signed revocation into the vault, before the chain has it: from now on {@link decide} denies what it ends, and goes on to
 * whether or not it is ever sent, until something newer is granted. It is checked as the contract would check it. Nothing is sent.
 *
 * Taken are revocations of a grant, of a viewer, of everything, changes of consent that only revoke, and a delegate's dismissal.
 *
 * @param file what {@link signRevokeAccess}, `signChangeConsents` or `signDismissDelegate` returned
 * @throws HANDOVER_MALFORMED, HANDOVER_WRONG_KIND, HANDOVER_WRONG_CHAIN, HANDOVER_ALTERED, HANDOVER_EXPIRED; NO_REVOCATION for another
 *   action; REVOCATION_STALE for one that was carried out, or whose counter has moved on; NOT_EMPOWERED and what else the contract
 *   throws; VAULT_MISSING, CHAIN_UNREACHABLE
 *
 * @example
 * const { patient, says } = await hospital.takeRevocation({ file: JSON.parse(await readFile("revocation.json", "utf8")) });
 */
export async function takeRevocation(ctx: Context, { file }: { file: unknown }): Promise<TakenRevocation> {
  const vault = requireVault(ctx);
  const signed = await readSignedAction(ctx, file, await currentTime(ctx));
  const said = signed.message as unknown as Said & { grants?: readonly unknown[] };
  const note = Object.hasOwn(NOTED, signed.action) ? NOTED[signed.action] : undefined;
  if (note === undefined || (said.grants?.length ?? 0) > 0) throw noRevocation(signed.action);
  await requireValid(ctx, signed);
  const { viewers, store } = await note(ctx, said);
  vault.transaction(store);
  const { action, account, message } = signed;
  return { action, account, patient: said.patient, viewers, says: actionNamed(ctx, action)!.type.says(message) };
}

/** What the contract would say to it now. */
async function requireValid(ctx: Context, signed: SignedActionFile): Promise<void> {
  try {
    await requireTakeable(ctx, signed);
  } catch (error) {
    // The signature itself was right: what it names isn't, any more.
    if (!isChartChainError(error, "INVALID_SIGNATURE")) throw error;
    throw new ChartChainError("REVOCATION_STALE", "the revocation was carried out, or something was changed since", {
      details: { action: signed.action },
      hint: "See what stands now: chartchain consent list. If it is more than was meant, sign a revocation anew.",
      cause: error,
    });
  }
}

/** Notes that categories of grants end, in these states and those before. */
async function grantEnds(ctx: Context, patient: number, scopes: readonly Scope[]): Promise<() => void> {
  const accessEpoch = await accessEpochOf(ctx, patient);
  const ended = scopes.flatMap(({ viewer, purpose, steward, categories, generation, version }) =>
    namedIn(categories).map((category) => ({
      ...{ patient, viewer, purpose: purposeIndex(purpose), steward, category: categoryIndex(category) },
      ...{ accessEpoch, generation, version },
    })),
  );
  return () => {
    for (const each of ended) requireVault(ctx).denials.record(each);
  };
}

const namedIn = (categories: Readonly<Record<string, boolean>>): Category[] =>
  CATEGORIES.filter((category) => categories[category.toLowerCase()] === true);

const accessEpochOf = async (ctx: Context, patient: number): Promise<number> =>
  Number((await ctx.contracts.Registrar.epochsOf(patient)).accessEpoch);

const noRevocation = (action: string): ChartChainError =>
  new ChartChainError("NO_REVOCATION", `this is no revocation alone: ${action}`, {
    details: { action },
    hint: "What gives access away counts once the chain has it: chartchain relay sends it.",
  });
