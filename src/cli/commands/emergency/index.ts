import { noun } from "../../line/tree.js";

export default noun("care when nobody can be asked", {
  "break-glass": ["open a patient's records in an emergency", () => import("./break-glass.js")],
  list: ["who broke a patient's glass", () => import("./list.js")],
  review: ["say whether there was an emergency", () => import("./review.js")],
  wish: ["what is wished for emergencies", () => import("./wish.js")],
  card: ["print the text of an emergency card", () => import("./card.js")],
});
