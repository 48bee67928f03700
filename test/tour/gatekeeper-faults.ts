import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { CATEGORIES } from "../../src/sdk/index.js";
import { grantAt } from "../../tour/gatekeeper.js";
import { actFor, type Tour, type TourGatekeeper } from "../../tour/workflow.js";
import type { Plant } from "./faults.js";

const gatekeeperOf = ({ gatekeeper }: Tour): TourGatekeeper => gatekeeper!;

/** The patient grants the clinic one more category than the tour knows of. */
export const oneMoreAtTheGatekeeper: Plant = async (tour) => {
  const gatekeeper = gatekeeperOf(tour);
  const { kept, granted } = gatekeeper;
  const another = CATEGORIES.find(
    (category) => !granted.includes(category) && kept.some(({ categories }) => categories.has(category)),
  )!;
  await grantAt(tour, gatekeeper, tour.cityClinic, [another]);
};

/** Somebody who was granted nothing is granted what the clinic was. */
export const outsiderLetIn: Plant = async (tour) => {
  const gatekeeper = gatekeeperOf(tour);
  await grantAt(tour, gatekeeper, tour.institute, gatekeeper.granted);
};

/** The clinic is granted nothing any more. */
export const nothingGranted: Plant = async (tour) => {
  const gatekeeper = gatekeeperOf(tour);
  const { patient, hospital, granted } = gatekeeper;
  const way = { viewer: tour.cityClinic.id, purpose: "TREAT", steward: hospital.id } as const;
  await actFor(tour, patient, {
    direct: (client) => client.revokeAccess(way),
    signed: (client) => client.signRevokeAccess(way),
  });
  return () => grantAt(tour, gatekeeper, tour.cityClinic, granted);
};

/** The patient's software revokes somebody else. */
export const revokesAnother: Plant = async (tour) => {
  const { patient } = gatekeeperOf(tour);
  const { revokeAccess, signRevokeAccess } = patient.client;
  const viewer = tour.insurer.id;
  Object.assign(patient.client, {
    revokeAccess: (way: object) => revokeAccess({ ...way, viewer }),
    signRevokeAccess: (way: object) => signRevokeAccess({ ...way, viewer }),
  });
  return async () => void Object.assign(patient.client, { revokeAccess, signRevokeAccess });
};

/** What stands in front of the gatekeeper gives out what it remembers. */
export const rememberingCache: Plant = async (tour) => {
  const gatekeeper = gatekeeperOf(tour);
  const { url } = gatekeeper;
  const remembered = new Map<string, string>();
  const server = createServer((request, response) => {
    void (async () => {
      const { authorization = "" } = request.headers;
      const key = `${request.method} ${request.url} ${authorization}`;
      let answer = remembered.get(key);
      if (answer === undefined) {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const isRead = request.method === "GET";
        const { "content-type": type = "application/json" } = request.headers;
        const asked = await fetch(url + request.url!, {
          method: request.method!,
          headers: { ...(authorization === "" ? {} : { authorization }), "content-type": type },
          ...(isRead ? {} : { body: Buffer.concat(chunks) }),
        });
        answer = await asked.text();
        if (!isRead || asked.status !== 200) return void response.writeHead(asked.status).end(answer);
        remembered.set(key, answer);
      }
      response.end(answer);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  gatekeeper.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async () => {
    gatekeeper.url = url;
    server.closeAllConnections();
    server.close();
  };
};
