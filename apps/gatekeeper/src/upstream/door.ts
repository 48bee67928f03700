import { lookup as lookUp, type LookupAddress } from "node:dns";
import { request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { Readable } from "node:stream";

import { ChartChainError } from "chartchain/errors";

/**
 * Addresses that aren't on the internet, or are this machine, or tell what runs here: nobody's FHIR server, unless it is listed.
 *
 * Sources: https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const SPECIAL = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23"],
  ...["2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"],
];
// One that is written as IPv6 (::ffff:0:0/96) is compared as the IPv4 address that it is.

/** What the door asks names: the system's resolver. */
type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

const bySystem: Resolve = (name) =>
  new Promise((resolve, reject) =>
    lookUp(name, { all: true }, (error, found) => (error === null ? resolve(found) : reject(error))),
  );

/**
 * The one way by which the gatekeeper asks another server: a `fetch` that follows no redirect, resolves a name once and connects to
 * what it then checked, and refuses addresses that aren't on the internet unless they are listed. `http:` goes to listed ones alone.
 *
 * @param listed addresses, or ranges such as `10.1.0.0/16`
 * @param resolve what names are asked of
 */
export function openDoor(listed: readonly string[], resolve: Resolve = bySystem): typeof fetch {
  const [special, own] = [rangesOf(SPECIAL), rangesOf(listed)];
  const check = (host: string, { address, family }: LookupAddress, protocol: string): void => {
    const kind = family === 6 ? "ipv6" : "ipv4";
    if (own.check(address, kind)) return;
    if (protocol === "https:" && !special.check(address, kind)) return;
    throw refused(host, address, protocol);
  };
  return async (input, { method = "GET", headers = {}, signal } = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { protocol, hostname } = url;
    if (protocol !== "https:" && protocol !== "http:") throw refused(url.host, protocol, protocol);
    const host = hostname.replace(/^\[|\]$/g, "");
    const family = isIP(host);
    const found = family === 0 ? await resolve(host) : [{ address: host, family }];
    if (found.length === 0) throw refused(host, "no address", protocol);
    // One bad address among several is enough: which one would be taken is chance.
    for (const each of found) check(host, each, protocol);
    const lookup: LookupFunction = (_, { all = false }, done) =>
      all ? done(null, [...found]) : done(null, found[0]!.address, found[0]!.family);
    return new Promise((resolve, reject) => {
      const request = protocol === "https:" ? requestByHttps : requestByHttp;
      const asked = request(url, {
        ...{ method, headers: Object.fromEntries(new Headers(headers)), lookup },
        ...(signal ? { signal } : {}),
      });
      asked.once("error", reject);
      asked.once("response", (answer) => {
        const { statusCode: status = 500, headers: given } = answer;
        const fields = Object.entries(given).flatMap(([name, value]) =>
          [value ?? []].flat().map((each): [string, string] => [name, each]),
        );
        const isEmpty = [204, 205, 304].includes(status);
        if (isEmpty) answer.resume();
        resolve(new Response(isEmpty ? null : (Readable.toWeb(answer) as ReadableStream), { status, headers: fields }));
      });
      asked.end();
    });
  };
}

function rangesOf(texts: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const text of texts) {
    const [address = "", bits] = text.split("/");
    const kind = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) ranges.addAddress(address, kind);
    else ranges.addSubnet(address, Number(bits), kind);
  }
  return ranges;
}

const refused = (host: string, address: string, protocol: string): ChartChainError =>
  new ChartChainError(
    "UPSTREAM_ADDRESS_REFUSED",
    `the FHIR server ${host} is at ${address}, which isn't asked by ${protocol}`,
    {
      details: { host, address, protocol },
      hint: "Only https leads to the internet, and nothing to this machine or a private network, unless upstream.addresses of the configuration lists it.",
    },
  );
