import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { type FolderPatient, patientSummary, splitIntoRecords } from "../../src/fhir/index.js";
import { parseFhirFile, parseFhirFolder, readLine } from "../../src/fhir/node/index.js";
import { errorOf, observation, PATIENT, withFile, withFolder } from "./real-inputs.js";

const BOB = { resourceType: "Patient", id: "bob", birthDate: "1990-01-01" };
const of = (patient: string, more: object = {}): object =>
  observation({ subject: { reference: `Patient/${patient}` }, ...more });
const lines = (...values: unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const deletion = (...urls: string[]): object => ({
  resourceType: "Bundle",
  type: "transaction",
  entry: urls.map((url) => ({ request: { method: "DELETE", url } })),
});
const found = (type: string, more: object = {}): object => ({ resourceType: "Bundle", type, ...more });

async function folderOf(
  files: Record<string, string | Uint8Array>,
  use: (dir: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (dir) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), content);
    }
    await use(dir);
  });
}

const typesOf = ({ inputs }: FolderPatient): string[] =>
  inputs.flatMap(({ entries }) => entries.map(({ resource }) => resource.resourceType)).sort();

describe("the folder of a Bulk Data export", () => {
  const condition = (id: string, patient: string): object => ({
    ...{ resourceType: "Condition", id, code: { text: id }, subject: { reference: `Patient/${patient}` } },
    clinicalStatus: {
      coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }],
    },
  });
  const EXPORT = {
    "Patient.000.ndjson": lines(PATIENT, BOB),
    "Condition.000.ndjson": lines(condition("gout", "alice"), condition("asthma", "bob")),
    "Condition.001.ndjson": lines(condition("flu", "alice")),
    "deleted.000.ndjson": lines(deletion("Condition/gout"), deletion("Condition/elsewhere", "Patient/gone")),
    "error.000.ndjson": lines({
      resourceType: "OperationOutcome",
      issue: [{ severity: "warning", code: "processing" }],
    }),
    "manifest.json": JSON.stringify({ transactionTime: "2026-01-01T00:00:00Z", output: [], deleted: [], error: [] }),
  };

  it("is taken with what it says was deleted, each to the patient who has the resource", async () => {
    await folderOf(EXPORT, async (dir) => {
      const { patients, bad, unassigned, deletedElsewhere } = await parseFhirFolder(dir);
      expect([bad, unassigned]).to.deep.equal([[], []]);
      expect(deletedElsewhere).to.equal(2);
      expect(Object.fromEntries(patients.map((one) => [one.patient.resource?.id, typesOf(one)]))).to.deep.equal({
        alice: ["Condition", "Condition", "Patient", "Provenance"],
        bob: ["Condition", "Patient"],
      });
      expect(patients.map(({ files }) => files.includes(join(dir, "deleted.000.ndjson")))).to.deep.equal([true, false]);
      const records = patients[0]?.inputs.flatMap((input) => splitIntoRecords(input)) ?? [];
      const { bundle } = patientSummary(records, { date: "2026-11-21T10:00:00Z" });
      const listed = bundle.entry?.flatMap(({ resource }) =>
        resource?.resourceType === "Condition" ? resource.id : [],
      );
      expect(listed).to.deep.equal(["flu"]);
    });
  });

  it("gives a deletion to nobody where two patients could have the resource", async () => {
    const files = {
      "a.json": JSON.stringify(bundleOn("https://a.example/fhir", PATIENT, condition("gout", "alice"))),
      "b.json": JSON.stringify(bundleOn("https://b.example/fhir", BOB, condition("gout", "bob"))),
      "c.json": JSON.stringify(deletion("Condition/gout")),
    };
    await folderOf(files, async (dir) => {
      const { patients, deletedElsewhere } = await parseFhirFolder(dir);
      expect([patients.length, deletedElsewhere]).to.deep.equal([2, 1]);
      expect(patients.flatMap(typesOf)).not.to.include("Provenance");
    });
  });

  it("may be the records that were made of it", async () => {
    await folderOf(EXPORT, async (dir) => {
      const recordsOf = async (path: string) =>
        (await parseFhirFolder(path)).patients.map(({ inputs }) => inputs.flatMap((one) => splitIntoRecords(one)));
      const [records = []] = await recordsOf(dir);
      const written = Object.fromEntries(records.map(({ bytes }, at) => [`record ${at}.json`, bytes]));
      await folderOf(written, async (again) => {
        const read = (await recordsOf(again)).flat().map(({ bytes }) => new TextDecoder().decode(bytes));
        expect(read).to.have.members(records.map(({ bytes }) => new TextDecoder().decode(bytes)));
      });
    });
  });

  it("is no input where it only says what was deleted", async () => {
    for (const text of [
      JSON.stringify(deletion("Condition/gout")),
      lines(deletion("Condition/a"), deletion("Patient/b")),
    ]) {
      const error = await withFile(text, (path) => errorOf(() => parseFhirFile(path)));
      expect([error.code, error.hint?.includes("folder")]).to.deep.equal(["EMPTY_BUNDLE", true]);
    }
    await folderOf({ "deleted.ndjson": lines(deletion("Condition/a")) }, async (dir) => {
      expect((await errorOf(() => parseFhirFolder(dir))).code).to.equal("NO_PATIENT");
    });
  });

  it("is read with the folders inside it, once, whatever leads to them", async () => {
    const files = {
      "Patient/Patient.000.ndjson": lines(PATIENT),
      "Observation/2026/Observation.000.ndjson": lines(of("alice")),
      "with spaces/ñandú 患者.json": JSON.stringify(of("alice")),
      "named.json/Observation.ndjson": lines(of("alice")),
      ".cache/Observation.ndjson": lines(of("alice")),
      "docs/README.md": "Made for a test.",
    };
    await folderOf(files, async (dir) => {
      await symlink(dir, join(dir, "Observation", "loop"));
      await symlink(join(dir, "Patient"), join(dir, "again"));
      const { patients, bad } = await parseFhirFolder(dir);
      expect(bad).to.deep.equal([]);
      expect(patients.map(typesOf)).to.deep.equal([["Observation", "Observation", "Observation", "Patient"]]);
    });
  });

  it("is not left by a link in it, which is named; the folder given may be one", async () => {
    await folderOf(
      { "Patient.json": JSON.stringify(of("mallory")), "b/B.json": JSON.stringify(PATIENT) },
      async (outside) => {
        await folderOf({ "in/Patient.json": JSON.stringify(PATIENT) }, async (dir) => {
          const links = {
            sub: outside,
            "other.json": join(outside, "Patient.json"),
            up: "..",
            more: join(outside, "b"),
          };
          for (const [name, target] of Object.entries(links)) await symlink(target, join(dir, name));
          // What begins like the folder's own name is elsewhere, too.
          await mkdir(`${dir}-2`);
          await symlink(`${dir}-2`, join(dir, "in", "beside"));
          await symlink(dir, `${dir}-2/given`);
          try {
            for (const path of [dir, `${dir}-2/given`]) {
              const { patients, leftOut, bad } = await parseFhirFolder(path);
              expect(bad).to.deep.equal([]);
              expect(patients.map(({ files }) => files)).to.deep.equal([[join(path, "in", "Patient.json")]]);
              const named = [...leftOut].filter(({ leadsOut }) => leadsOut).map(({ file }) => file);
              const all = ["in/beside", "more", "other.json", "sub", "up"].map((name) => join(path, name));
              expect(named).to.deep.equal(all);
            }
            await rm(join(dir, "in", "Patient.json"));
            const { code, hint } = await errorOf(() => parseFhirFolder(dir));
            expect([code, hint?.includes("Links")]).to.deep.equal(["FHIR_FOLDER_EMPTY", true]);
          } finally {
            await rm(`${dir}-2`, { recursive: true });
          }
        });
      },
    );
  });

  it("may hold answers of searches that found nothing, but no Bundle that lost what was in it", async () => {
    const files = {
      "1.json": JSON.stringify(found("searchset", { total: 1, entry: [{ resource: PATIENT }] })),
      "2.json": JSON.stringify(found("searchset", { total: 0 })),
      "3.json": JSON.stringify(found("searchset", { link: [{ relation: "self", url: "https://a.example" }] })),
    };
    await folderOf(files, async (dir) => {
      expect((await parseFhirFolder(dir)).bad).to.deep.equal([]);
      for (const [name, bundle] of Object.entries({
        "4.json": found("searchset", { total: 7 }),
        "5.json": found("collection"),
      })) {
        await writeFile(join(dir, name), JSON.stringify(bundle));
        const { bad } = await parseFhirFolder(dir, { skipBad: true });
        expect(bad.map(({ file, code }) => [file, code])).to.deep.equal([[join(dir, name), "EMPTY_BUNDLE"]]);
        await rm(join(dir, name));
      }
    });
    const alone = await withFile(found("searchset", { total: 0 }), (path) => errorOf(() => parseFhirFile(path)));
    expect([alone.code, alone.hint]).to.deep.equal(["EMPTY_BUNDLE", "The search found nothing: leave it out."]);
  });

  it("takes a resource once that comes again letter by letter, and what has no id as often as it comes", async () => {
    const practitioner = { resourceType: "Practitioner", id: "p" };
    const by = { performer: [{ reference: "Practitioner/p" }] };
    const files = {
      "Patient.ndjson": lines(PATIENT, PATIENT),
      "Observation.ndjson": lines(
        of("alice", { id: "o", ...by }),
        of("alice", { id: "o", ...by }),
        of("alice"),
        of("alice"),
      ),
      "Observation (1).ndjson": lines(of("alice", { id: "o", ...by })),
      "Practitioner.ndjson": lines(practitioner, practitioner),
    };
    await folderOf(files, async (dir) => {
      const { patients, unreferenced } = await parseFhirFolder(dir);
      expect(patients.map(typesOf)).to.deep.equal([
        ["Observation", "Observation", "Observation", "Patient", "Practitioner"],
      ]);
      expect(unreferenced).to.equal(0);
    });
  });

  it("says of a server's answer that it is no data, and passes over it beside data", async () => {
    const outcome = { resourceType: "OperationOutcome", issue: [{ severity: "error", code: "processing" }] };
    const search = found("searchset", { entry: [{ resource: outcome, search: { mode: "outcome" } }] });
    for (const answer of [outcome, search]) {
      for (const read of [parseFhirFile, parseFhirFolder]) {
        const error = await withFile(answer, (path) => errorOf(() => read(path)));
        expect([error.code, error.message.includes("OperationOutcome")]).to.deep.equal(["EMPTY_BUNDLE", true]);
      }
      await folderOf({ "a.json": JSON.stringify(PATIENT), "b.json": JSON.stringify(answer) }, async (dir) => {
        const { patients, bad, unused } = await parseFhirFolder(dir);
        expect([patients.length, bad, unused]).to.deep.equal([1, [], [join(dir, "b.json")]]);
      });
    }
  });

  it("names FHIR in another encoding under whatever name, and passes over other text", async () => {
    const wide = (text: string): Uint8Array => Buffer.from(`\uFEFF${text}`, "utf16le");
    const files = {
      "Patient.json": JSON.stringify(PATIENT),
      Observation: wide(JSON.stringify(of("alice"))),
      "notes.txt": wide("See the folder."),
    };
    await folderOf(files, async (dir) => {
      const { bad } = await parseFhirFolder(dir, { skipBad: true });
      expect(bad.map(({ file, code }) => [file, code])).to.deep.equal([[join(dir, "Observation"), "NOT_UTF8"]]);
    });
  });

  it("is refused when a file of it is gone before its resources are looked at", async () => {
    // More than is kept in memory.
    const long = of("alice", { note: [{ text: "as measured ".repeat(80_000) }] });
    await folderOf({ "all.ndjson": lines(PATIENT, long, long, long, long, long, long) }, async (dir) => {
      const { patients } = await parseFhirFolder(dir);
      await rm(join(dir, "all.ndjson"));
      const error = await errorOf(() =>
        patients.flatMap(({ inputs }) => inputs.flatMap((one) => splitIntoRecords(one))),
      );
      expect([error.code, error.details["file"]]).to.deep.equal(["FHIR_FILE_CHANGED", join(dir, "all.ndjson")]);
    });
  });
});

describe("a line of NDJSON", () => {
  it("ends at a line feed alone, also where it is read again by its number", async () => {
    const text = lines(PATIENT, of("alice", { note: [{ text: "a\u2028b\u2029c\u0085d" }] }), of("bob"));
    await withFile(text, async (path) => {
      const third = Buffer.from((await readLine(path, 3)) ?? []).toString();
      expect(JSON.parse(third)).to.deep.equal(of("bob"));
      expect(await readLine(path, 4)).to.equal(undefined);
    });
  });

  it("is named where it isn't UTF-8", async () => {
    const accent = Buffer.from(lines(of("alice", { note: [{ text: "Zoë" }] })), "latin1");
    const text = Buffer.concat([Buffer.from(lines(PATIENT)), accent, Buffer.from(lines(of("alice")))]);
    await withFile(text, async (path) => {
      const error = await errorOf(() => parseFhirFile(path));
      expect([error.code, error.details["line"], error.message.includes("line 2")]).to.deep.equal([
        "NOT_UTF8",
        2,
        true,
      ]);
      await writeFile(
        path,
        Buffer.concat([Buffer.from(`${JSON.stringify(PATIENT, null, 1).slice(0, -1)},\n`), accent]),
      );
      expect((await errorOf(() => parseFhirFile(path))).message).to.match(/: line \d+$/);
    });
  });

  it("is missing in a file without one, which is called empty", async () => {
    for (const text of ["", "\n \r\n"]) {
      await folderOf({ "Patient.ndjson": text }, async (dir) => {
        for (const read of [parseFhirFile, parseFhirFolder]) {
          const error = await errorOf(() => read(join(dir, "Patient.ndjson")));
          expect([error.code, error.message.endsWith("it is empty")]).to.deep.equal(["NOT_JSON", true]);
        }
      });
    }
  });
});

function bundleOn(base: string, ...resources: object[]): object {
  return {
    ...{ resourceType: "Bundle", type: "collection" },
    entry: resources.map((resource) => {
      const { resourceType, id } = resource as { resourceType: string; id: string };
      return { fullUrl: `${base}/${resourceType}/${id}`, resource };
    }),
  };
}
