import { ChartChainError } from "../../errors/index.js";
import type { Category, Client } from "../../sdk/index.js";

/**
 * Makes sure, before anything is granted, that there are keys to deliver.
 *
 * @throws NO_KEYS
 */
export async function requireKeys(
  client: Client,
  patient: number,
  categories: readonly Category[],
  steward: number | undefined,
): Promise<void> {
  const keys = await client.listKeys({ patient });
  const fits = keys.some(
    (key) => categories.includes(key.category) && (steward === undefined || steward === key.steward),
  );
  if (fits) return;
  throw new ChartChainError("NO_KEYS", "this vault holds no key of these records, so there is nothing to deliver", {
    details: { patient, categories },
    hint: "Nothing was granted. Take the provider's delivery first (chartchain record take), or leave --deliver out.",
  });
}
