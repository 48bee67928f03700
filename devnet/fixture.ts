/** What can go back to how it was. */
interface Restorable {
  networkHelpers: { takeSnapshot(): Promise<{ restore(): Promise<void> }> };
}

/**
 * A world that is set up once and handed out fresh each time: every call goes back to the state right after `setUp`.
 *
 * @example
 * const load = fixture(populate);
 * it("…", async () => {
 *   const world = await load();
 * });
 */
export function fixture<World extends Restorable>(setUp: () => Promise<World>): () => Promise<World> {
  let made: { world: World; snapshot: { restore(): Promise<void> } } | undefined;
  return async () => {
    if (made === undefined) {
      const world = await setUp();
      made = { world, snapshot: await world.networkHelpers.takeSnapshot() };
    } else {
      await made.snapshot.restore();
    }
    return made.world;
  };
}
