import { expect } from "chai";
import fc from "fast-check";
import type { GrantKey, GrantState } from "../../src/vault/index.js";
import { ALICE, BOB, GENERAL_HOSPITAL, INSURER, expectCode, workspace } from "./helpers.js";

describe("denials", () => {
  const { directory: newDirectory, open } = workspace();
  const grant: GrantKey = { patient: ALICE, viewer: INSURER, purpose: 2, steward: GENERAL_HOSPITAL, category: 1 };
  const state = (accessEpoch: number, generation: number, version: number): GrantKey & GrantState => ({
    ...grant,
    ...{ accessEpoch, generation, version },
  });

  it("block nothing before a revocation was seen", async () => {
    const { denials } = await open(newDirectory());
    expect(denials.blocks(state(0, 0, 0))).to.equal(false);
  });

  it("block the state that was revoked and all before it, for good, also after reopening", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    first.denials.record(state(1, 1, 5));
    first.close();
    const { denials } = await open(directory);
    for (const blocked of [state(1, 1, 5), state(1, 1, 4), state(1, 0, 5), state(0, 1, 5), state(0, 0, 0)]) {
      expect(denials.blocks(blocked), JSON.stringify(blocked)).to.equal(true);
    }
  });

  it("let pass what is newer in version, or generation, or access epoch", async () => {
    const { denials } = await open(newDirectory());
    denials.record(state(1, 1, 5));
    for (const newer of [state(1, 1, 6), state(1, 2, 0), state(2, 0, 0)]) {
      expect(denials.blocks(newer), JSON.stringify(newer)).to.equal(false);
    }
  });

  it("hold when a reorganization brings back an older generation with a higher version", async () => {
    const { denials } = await open(newDirectory());
    denials.record(state(0, 1, 0));
    expect(denials.blocks(state(0, 0, 9))).to.equal(true);
    denials.record(state(1, 0, 0));
    expect(denials.blocks(state(0, 7, 9))).to.equal(true);
  });

  it("keep the newest revocation when older ones are seen later", async () => {
    const { denials } = await open(newDirectory());
    denials.record(state(2, 0, 3));
    denials.record(state(1, 9, 9));
    expect(denials.blocks(state(2, 0, 3))).to.equal(true);
    expect(denials.blocks(state(2, 0, 4))).to.equal(false);
  });

  it("say nothing about another patient, viewer, purpose, steward or category", async () => {
    const { denials } = await open(newDirectory());
    denials.record(state(1, 1, 5));
    for (const other of [{ patient: BOB }, { viewer: BOB }, { purpose: 3 }, { steward: 0 }, { category: 2 }]) {
      expect(denials.blocks({ ...state(1, 1, 5), ...other }), JSON.stringify(other)).to.equal(false);
    }
  });

  it("of a viewer block every older grant to that viewer", async () => {
    const { denials } = await open(newDirectory());
    denials.recordViewer({ patient: ALICE, viewer: INSURER, accessEpoch: 0, generation: 2 });
    expect(denials.blocks({ ...state(0, 1, 99), purpose: 0, steward: 0, category: 7 })).to.equal(true);
    expect(denials.blocks(state(0, 2, 0)), "a grant made after it").to.equal(false);
    expect(denials.blocks({ ...state(0, 1, 99), viewer: BOB })).to.equal(false);
  });

  it("of everyone block every older grant of that patient", async () => {
    const { denials } = await open(newDirectory());
    denials.recordEveryone({ patient: ALICE, accessEpoch: 3 });
    expect(denials.blocks({ ...state(2, 99, 99), viewer: BOB, purpose: 0, category: 7 })).to.equal(true);
    expect(denials.blocks(state(3, 0, 0)), "a grant made after it").to.equal(false);
    expect(denials.blocks({ ...state(2, 99, 99), patient: BOB })).to.equal(false);
  });

  it("refuse counters and participants that are none", async () => {
    const { denials } = await open(newDirectory());
    await expectCode("VAULT_INPUT_INVALID", () => denials.record(state(-1, 0, 0)));
    await expectCode("VAULT_INPUT_INVALID", () => denials.blocks(state(0, 2 ** 32, 0)));
    await expectCode("VAULT_INPUT_INVALID", () => denials.blocks({ ...state(0, 0, 0), viewer: 0 }));
    await expectCode("VAULT_INPUT_INVALID", () => denials.record({ ...state(0, 0, 0), category: 8 }));
    await expectCode("VAULT_INPUT_INVALID", () => denials.recordEveryone({ patient: ALICE, accessEpoch: NaN }));
    await expectCode("VAULT_INPUT_INVALID", () =>
      denials.recordViewer({ patient: ALICE, viewer: INSURER, accessEpoch: 0, generation: -1 }),
    );
  });

  it("equal a plain list of all revocations ever seen", async () => {
    const vault = await open(newDirectory());
    const small = fc.integer({ min: 0, max: 2 });
    const key = fc.record({
      patient: fc.integer({ min: 1, max: 2 }),
      viewer: fc.integer({ min: 1, max: 2 }),
      purpose: fc.integer({ min: 0, max: 1 }),
      steward: fc.integer({ min: 0, max: 1 }),
      category: fc.integer({ min: 0, max: 1 }),
    });
    const point = fc.tuple(key, small, small, small).map(([key, accessEpoch, generation, version]) => ({
      ...key,
      ...{ accessEpoch, generation, version },
    }));
    const kind = fc.constantFrom("grant", "viewer", "everyone");
    let offset = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(kind, point), { maxLength: 12 }),
        fc.array(point, { maxLength: 12 }),
        (seen, asked) => {
          // Other patients in every run: denials are never taken back.
          offset += 10;
          const shifted = <T extends GrantKey>(grant: T): T => ({ ...grant, patient: grant.patient + offset });
          for (const [kind, revoked] of seen) {
            if (kind === "grant") vault.denials.record(shifted(revoked));
            else if (kind === "viewer") vault.denials.recordViewer(shifted(revoked));
            else vault.denials.recordEveryone(shifted(revoked));
          }
          for (const grant of asked) {
            const denied = seen.some(([kind, revoked]) => {
              if (revoked.patient !== grant.patient) return false;
              if (kind === "everyone") return grant.accessEpoch < revoked.accessEpoch;
              if (revoked.viewer !== grant.viewer) return false;
              if (grant.accessEpoch !== revoked.accessEpoch)
                return grant.accessEpoch < revoked.accessEpoch && same(kind, grant, revoked);
              if (grant.generation !== revoked.generation)
                return grant.generation < revoked.generation && same(kind, grant, revoked);
              return kind === "grant" && same(kind, grant, revoked) && grant.version <= revoked.version;
            });
            expect(vault.denials.blocks(shifted(grant)), JSON.stringify({ seen, grant })).to.equal(denied);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

function same(kind: string, one: GrantKey, other: GrantKey): boolean {
  if (kind === "viewer") return true;
  return one.purpose === other.purpose && one.steward === other.steward && one.category === other.category;
}
