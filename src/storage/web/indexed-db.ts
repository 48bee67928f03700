/**
 * What is used of https://w3c.github.io/IndexedDB, as promises. The project's types know no browser, so that a library for it
 * would be untyped here.
 */

export interface Request<T> {
  result: T;
  error: Error | null;
  onsuccess: () => void;
  onerror: () => void;
}

/** One of a database's object stores, in a transaction. */
export interface ObjectStore {
  get: (key: unknown) => Request<unknown>;
  getKey: (key: unknown) => Request<unknown>;
  getAll: () => Request<unknown[]>;
  getAllKeys: () => Request<unknown[]>;
  add: (value: unknown) => Request<unknown>;
  put: (value: unknown, key?: unknown) => Request<unknown>;
  delete: (key: unknown) => Request<unknown>;
}

interface Transaction {
  objectStore: (name: string) => ObjectStore;
  abort: () => void;
  error: Error | null;
  oncomplete: () => void;
  onabort: () => void;
}

export interface BrowserDatabase {
  createObjectStore: (name: string, options?: { autoIncrement: boolean }) => unknown;
  transaction: (names: readonly string[], mode: string, options: { durability: string }) => Transaction;
  close: () => void;
  onversionchange: () => void;
}

interface Factory {
  open: (name: string, version: number) => Request<BrowserDatabase> & { onupgradeneeded: () => void };
}

/** @returns `undefined` where there is none, as under Node */
export const indexedDb = (): Factory | undefined => (globalThis as { indexedDB?: Factory }).indexedDB;

/** What a request comes to. Its transaction ends by itself once nothing of it is asked for any more. */
export const answered = <T>(request: Request<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the database gave no reason"));
  });

/** Opens a database of one version. @param create makes its object stores, the first time */
export async function openDatabase(
  factory: Factory,
  name: string,
  create: (database: BrowserDatabase) => void,
): Promise<BrowserDatabase> {
  const request = factory.open(name, 1);
  request.onupgradeneeded = () => create(request.result);
  const database = await answered(request);
  // Whoever wants to delete it doesn't wait for this one.
  database.onversionchange = () => database.close();
  return database;
}

/**
 * Does some work in one transaction, of which all happens or nothing.
 *
 * @param work asks for nothing but what is in the transaction
 * @returns once it is on the disk
 */
export async function inTransaction<Names extends string, T>(
  database: BrowserDatabase,
  names: readonly Names[],
  mode: "readonly" | "readwrite",
  work: (stores: Record<Names, ObjectStore>) => Promise<T>,
): Promise<T> {
  const transaction = database.transaction(names, mode, { durability: "strict" });
  const ended = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was given up"));
  });
  // Awaited below, unless the work fails first.
  ended.catch(() => undefined);
  const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
  let result: T;
  try {
    result = await work(stores as Record<Names, ObjectStore>);
  } catch (error) {
    // One that failed has ended already.
    if (transaction.error === null) transaction.abort();
    throw error;
  }
  await ended;
  return result;
}
