import { asAuthority } from "../../../devnet/index.js";
import { type World } from "./world.js";

/** Sends a restricted call with everything that the authority's delay asks for. */
export const decree = (
  world: World,
  name: "license" | "confirmSuspension" | "reinstate" | "thawOperators",
  args: readonly unknown[],
) => asAuthority(world, world.registrar, world.registrar.interface.encodeFunctionData(name as never, args as never));

/** The authority suspends an institution at once. */
export const suspend = (world: World, id: bigint) => world.registrar.connect(world.authority).suspend(id);

/** The authority freezes an institution's operators at once. */
export const freeze = (world: World, id: bigint) => world.registrar.connect(world.authority).freezeOperators(id);
