import { messageType, categoriesMaskOf } from "../../chain/typed-data.js";
import { mine } from "./in-words.js";
import { signedAction, signedSubject } from "./action.js";

export const PATIENT_SETTINGS = messageType("Registrar", "PatientSettings", {
  fields:
    "uint40 patient, bool refuseProposalsFromUnknownProviders, uint16 longestGrantInDays, Categories emergencyCategories, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient, or a representative",
  diesWhen: "signatures are cancelled, by itself as well",
  says: (m) =>
    [
      `Unknown providers may ${m.refuseProposalsFromUnknownProviders ? "not " : ""}propose anything to me;`,
      `${m.longestGrantInDays === 0 ? "a grant lasts as long as it says" : `no grant lasts longer than ${m.longestGrantInDays} days`};`,
      `in an emergency a responder sees ${mine(m.emergencyCategories)}.`,
    ].join(" "),
  about:
    "Sets all three; `longestGrantInDays` 0 is no limit of the patient's own, no category is: nobody breaks this glass.",
});

/** What is signed: what a patient decides for all. */
export const SETTINGS = signedSubject("What a patient decides for all", {
  actions: {
    changeSettings: signedAction({
      type: PATIENT_SETTINGS,
      call: (m, by) => {
        const settings = {
          knownOnly: m.refuseProposalsFromUnknownProviders,
          longestGrant: m.longestGrantInDays,
          emergency: categoriesMaskOf(m.emergencyCategories),
        };
        return ["changeSettingsWithSig", m.patient, settings, by];
      },
    }),
  },
});
