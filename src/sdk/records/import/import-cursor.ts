import type { JsonValue } from "../../../vault/index.js";
import { requireVault, type Context } from "../../context.js";

const NAME = "import-cursors";

/** Up to where each source was imported, by its URL: an instant of that source. No credential is among it. */
export const cursorOf = (ctx: Pick<Context, "vault">, source: string): string | undefined => cursorsIn(ctx)[source];

/** Notes that everything of a source up to that instant is in charts or on the worklist. */
export function moveCursor(ctx: Pick<Context, "vault">, source: string, since: string): void {
  const moved: Record<string, JsonValue> = { ...cursorsIn(ctx), [source]: since };
  requireVault(ctx as Context).settings.set(NAME, moved);
}

const cursorsIn = (ctx: Pick<Context, "vault">): Record<string, string> =>
  (requireVault(ctx as Context).settings.get(NAME) ?? {}) as Record<string, string>;
