import { expect } from "chai";
import fc from "fast-check";
import { hexlify, randomBytes } from "ethers";

import { isChartChainError } from "../../../src/errors/index.js";
import { LONGEST_NAME, requireDistinctName, requireFitName } from "../../../src/sdk/people/institution-name.js";
import { expectCode, HOUR, inFuture } from "../helpers.js";
import { createDevnet, type Devnet } from "../../../devnet/index.js";

const refusal = (check: () => void): string | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    expect(isChartChainError(error, "NAME_UNFIT"), String(error)).to.be.true;
    return (error as Error).message;
  }
};
const unfit = (name: string) => refusal(() => requireFitName(name));
const alike = (name: string, other: string) => refusal(() => requireDistinctName(name, [{ id: 7, name: other }]));

describe("an institution's name", () => {
  for (const name of [
    ...["General Hospital", "St. Mary's", "Mallory & Sons", "Praxis 12", "Charité – Universitätsmedizin (Mitte)"],
    ...["Bệnh viện Bạch Mai", "Городская больница 1", "Γενικό Νοσοκομείο", "בית חולים", "مستشفى الملك 12"],
    ...["अस्पताल", "โรงพยาบาล", "東京大学病院", "さくら病院", "서울대학교병원", "Հիվանդանոց", "ሆስፒታል"],
  ]) {
    it(`may be ${name}`, () => {
      expect(unfit(name)).to.equal(undefined);
    });
  }

  for (const [what, name, why] of [
    ["letters of two scripts", "Gеneral Hospital", "several scripts"],
    ["Greek in Latin", "Ηospital", "several scripts"],
    ["a no-break space", "General\u00a0Hospital", "NFKC"],
    ["another space", "General\u2003Hospital", "NFKC"],
    ["a full-width letter", "Ｇeneral", "NFKC"],
    ["a letter and its accent apart", "Ho\u0302pital", "NFKC"],
    ["a space at an end", "General Hospital ", "space"],
    ["two spaces", "General  Hospital", "space"],
    ["a control character", "General\u0007", "signs"],
    ["a terminal's escape", "General\u001b[2K", "signs"],
    ["a line break", "General\nHospital", "signs"],
    ["another direction of reading", "General \u202elatipsoH", "signs"],
    ["an isolate", "\u2067General\u2069", "signs"],
    ["a joiner that doesn't show", "Gene\u200dral", "signs"],
    ["nothing that shows", "General\u3164", "NFKC"],
    ["a picture", "General 🏥", "signs"],
    ["a sign that names don't have", "Generous Quacks!", "signs"],
    ["quotation marks", 'General "Hospital"', "signs"],
    ["other digits", "Clinic ١", "several scripts"],
    ["a phonetic letter", "ɡeneral", "no language"],
    ["a click", "Genera\u01c0", "no language"],
    ["a heap of accents", "Ge\u0335\u0321\u0322neral", "accents"],
    ["an accent on nothing", "General \u0301", "accents"],
    ["no letter", "12 34", "no letter"],
    ["nothing", "", "no letter"],
    ["half a letter", "General \ud800", "signs"],
    ["too many bytes", "Ä".repeat(LONGEST_NAME / 2 + 1), "bytes"],
  ] as const) {
    it(`has not ${what}`, () => {
      expect(unfit(name)).to.include(why);
      expect(unfit(name), "escaped where it is told").to.match(/^[\x20-\x7e\p{L}\p{Nd}]*$/u);
    });
  }

  it("may be as long as the Registrar takes", () => {
    expect(unfit("x".repeat(LONGEST_NAME))).to.equal(undefined);
  });

  it("is refused by NAME_UNFIT or is of one script, in its usual form, and shows all that it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 30 }), (name) => {
        if (unfit(name) !== undefined) return;
        expect(name).to.equal(name.normalize("NFKC"));
        expect(name).not.to.match(/[\p{C}\p{Zl}\p{Zp}]|\p{Z}$|^\p{Z}/u);
        const scripts = ["Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Han"].filter((script) =>
          new RegExp(`\\p{Script=${script}}`, "u").test(name),
        );
        expect(scripts.length, name).to.be.at.most(1);
      }),
      { numRuns: 2000 },
    );
  });

  for (const [name, other] of [
    ["GENERAL HOSPITAL", "General Hospital"],
    ["General-Hospital", "General Hospital"],
    ["Genera1 Hospita1", "General Hospital"],
    ["GeneraI HospitaI", "General Hospital"],
    ["lllinois Clinic", "Illinois Clinic"],
    ["Modem Clinic", "Modern Clinic"],
    ["Walley Clinic", "Vvalley Clinic"],
    ["City dinic", "City clinic"],
    ["Hopital", "Hôpital"],
    ["Łódź", "Lodz"],
    ["сосо", "coco"],
    ["Арех", "Apex"],
    ["ΑΤΗΕΝΑ", "Athena"],
    ["МОСКВА", "MOCKBA"],
    ["Clinic 0", "Clinic O"],
    ["St. Mary’s", "St Marys"],
  ] as const) {
    it(`${name} looks like ${other}`, () => {
      expect(alike(name, other)).to.include(`participant 7`);
      expect(alike(other, name)).to.include(`participant 7`);
    });
  }

  it("looks like no other one", () => {
    for (const [name, other] of [
      ["General Hospital", "General Clinic"],
      ["Clinic 1", "Clinic 2"],
      ["Городская больница", "General Hospital"],
      ["東京大学病院", "京都大学病院"],
      ["Praxis Nord", "Praxis Süd"],
    ] as const) {
      expect(alike(name, other), name).to.equal(undefined);
    }
  });

  it("looks like itself in every case, with any accents and spaces", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyzäéñçАБВгде "), minLength: 1 });
    fc.assert(
      fc.property(letters, (name) => {
        const others = [
          name.toUpperCase(),
          name.toLowerCase(),
          [...name].join("-"),
          name.normalize("NFD"),
          ` ${name} `,
        ];
        for (const other of others) expect(alike(name, other), other).to.be.a("string");
      }),
    );
  });
});

describe("an institution's name on the chain", () => {
  let world: Devnet;
  before(async () => {
    world = await createDevnet();
    await world.institution("General Hospital");
  });
  after(() => world.close());

  /** Past this software, as somebody with bad intentions does. */
  const registerAs = async (name: string) => {
    const { client, wallet } = await world.actor(`quack ${hexlify(randomBytes(4))}`);
    await (await client.contracts.Registrar.registerInstitution(hexlify(randomBytes(32)), name)).wait();
    return Number(await client.contracts.Registrar.participantOf(wallet.address));
  };
  const license = async (institution: number) =>
    world.authority.licenseInstitution({
      institution,
      roles: ["PROVIDER"],
      until: await inFuture(world, 1000 * HOUR),
      onWait: () => void world.increaseTime(2),
    });

  it("isn't registered when it is unfit or looks like a licensed one's", async () => {
    const { client } = await world.actor("quack");
    await expectCode("NAME_UNFIT", client.registerInstitution({ name: "General\u00a0Hospital" }));
    const error = await expectCode("NAME_UNFIT", client.registerInstitution({ name: "GENERAL HOSPITAL" }));
    expect(error.message).to.include("participant");
  });

  it("gets no licence then, however it was registered", async () => {
    const announced = async () => {
      const { Authority } = world.authority.contracts;
      return (await Authority.queryFilter(Authority.filters.OperationScheduled())).length;
    };
    const before = await announced();
    for (const name of ["Genera1 Hospital", "Gеneral Hospital", "General Hospital\u200b", "General Hospital"]) {
      await expectCode("NAME_UNFIT", license(await registerAs(name)));
    }
    expect(await announced()).to.equal(before);
  });

  it("is free as long as nobody of that name was licensed: nobody reserves names", async () => {
    await registerAs("City Clinic");
    const id = await registerAs("City Clinic");
    await license(id);
    expect((await world.authority.describeParticipant({ id })).inGoodStanding).to.be.true;
    await license(id);
  });
});
