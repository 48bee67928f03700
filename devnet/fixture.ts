/** What can go back to how it was: a {@link Chain}, a {@link Devnet}, and whatever was made on one. */
export interface Restorable {
  /** Remembers how it is. What it returns goes back to that, as often as it is called. */
  snapshot(): Promise<Restore>;
}

/** Goes back; false when that isn't possible any more, because it has gone back further since. */
export type Restore = () => Promise<boolean>;

/**
 * A world that is set up once and handed out fresh each time: every call goes back to the state right after `setUp`. One
 * fixture may stand on another, by calling it in `setUp`; both then share a chain, on which one of them can be worked with
 * at a time. Going back to the one below ends what stands on it, which is set up again when somebody asks for it.
 *
 * @example
 * const deployed = fixture(() => createChain());
 * const registered = fixture(async () => {
 *   const chain = await deployed();
 *   return { ...chain, id: await registerPatient(chain, chain.alice) };
 * });
 *
 * it("…", async () => {
 *   const { registrar, id } = await registered();
 * });
 */
export function fixture<World extends Restorable>(setUp: () => Promise<World>): () => Promise<World> {
  let made: { world: World; restore: Restore } | undefined;
  return async () => {
    if (made === undefined || !(await made.restore())) {
      const world = await setUp();
      made = { world, restore: await world.snapshot() };
    }
    return made.world;
  };
}

/** Remembers how a local chain is: its state and its clock (`evm_snapshot`). */
export async function snapshotOf(provider: { send(method: string, params: unknown[]): Promise<unknown> }) {
  let id = await provider.send("evm_snapshot", []);
  return async (): Promise<boolean> => {
    if ((await provider.send("evm_revert", [id])) !== true) return false;
    // Going back uses a snapshot up.
    id = await provider.send("evm_snapshot", []);
    return true;
  };
}
