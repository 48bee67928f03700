import type { FileHandle } from "../../src/sqlite/web/files.js";

/** What keeps a file's bytes after its handle was closed. */
export interface MemoryFile {
  bytes: Uint8Array;
  isOpen: boolean;
}

export const memoryFile = (): MemoryFile => ({ bytes: new Uint8Array(0), isOpen: false });

const domError = (name: string): Error => new DOMException(`as a browser says ${name}`, name);

/** A handle as OPFS gives it: one at a time. @param room how many bytes the file may have */
export function openMemoryFile(file: MemoryFile, room: () => number = () => Infinity): FileHandle {
  if (file.isOpen) throw domError("NoModificationAllowedError");
  file.isOpen = true;
  const resize = (size: number): void => {
    if (size > file.bytes.length && size > room()) throw domError("QuotaExceededError");
    const grown = new Uint8Array(size);
    grown.set(file.bytes.subarray(0, size));
    file.bytes = grown;
  };
  const open = (): void => {
    if (!file.isOpen) throw domError("InvalidStateError");
  };
  return {
    read(into, { at }) {
      open();
      const found = file.bytes.subarray(at, at + into.length);
      into.set(found);
      return found.length;
    },
    write(bytes, { at }) {
      open();
      if (at + bytes.length > file.bytes.length) resize(at + bytes.length);
      file.bytes.set(bytes, at);
      return bytes.length;
    },
    truncate(size) {
      open();
      resize(size);
    },
    getSize() {
      open();
      return file.bytes.length;
    },
    flush: open,
    close() {
      file.isOpen = false;
    },
  };
}

/** A folder of OPFS in memory. */
export class MemoryFolder {
  readonly folders = new Map<string, MemoryFolder>();
  readonly files = new Map<string, MemoryFile>();
  /** How many bytes a file below may have. */
  room = Infinity;

  async getDirectoryHandle(name: string, { create }: { create: boolean }): Promise<MemoryFolder> {
    const found = this.folders.get(name);
    if (found !== undefined) return found;
    if (!create) throw domError("NotFoundError");
    const made = new MemoryFolder();
    this.folders.set(name, made);
    return made;
  }

  async getFileHandle(
    name: string,
    { create }: { create: boolean },
  ): Promise<{ createSyncAccessHandle: () => Promise<FileHandle> }> {
    let file = this.files.get(name);
    if (file === undefined) {
      if (!create) throw domError("NotFoundError");
      this.files.set(name, (file = memoryFile()));
    }
    const found = file;
    return { createSyncAccessHandle: async () => openMemoryFile(found, () => this.room) };
  }
}
