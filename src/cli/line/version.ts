/** This package's version. */
export async function version(): Promise<string> {
  const { default: about } = (await import("chartchain/package.json", { with: { type: "json" } })) as {
    default: { version: string };
  };
  return about.version;
}
