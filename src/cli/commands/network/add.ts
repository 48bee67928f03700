import { resolve } from "node:path";

import { checkNetwork } from "../../actor/network.js";
import { changeConfiguration, configurationFile, type Configuration, type Network } from "../../actor/profile.js";
import { command } from "../../line/command.js";
import { file, finality, folder, ownName, url, wholeNumber } from "../../line/flag-kinds.js";
import { optional, repeated, required, toggle } from "../../line/flags.js";
import { hostOf } from "../../terminal/host.js";
import { done, facts, next } from "../../terminal/tables.js";
import { ChartChainError } from "../../../errors/index.js";

export default command({
  purpose:
    "Gives a network a name: its node, and the file with the addresses of its contracts, which whoever deployed them hands out. Looks first whether node, chain and contracts are there.",
  flags: {
    name: required(ownName(), "what you call it"),
    rpc: required(url, "the node; an access key in it is kept, and never shown"),
    deployment: required(file, "the file with the contracts' addresses"),
    "other-node": repeated(url, "a further node that has to say the same before access is given; again for more"),
    agreement: optional(wholeNumber("K", 1, 100), "how many of the nodes have to answer (all)"),
    finality: optional(finality, "which block counts as final: the node's tag, or so many blocks below the newest"),
    store: optional(folder, "folder that stands in for IPFS (beside the deployment file)"),
    ipfs: optional(url, "a Kubo node's RPC instead of a folder"),
    "key-documents": optional(
      folder,
      "folder that stands in for the services that give key documents (beside the deployment file)",
    ),
    use: toggle("use it where no profile names another; the first one is used in any case"),
    force: toggle("take the place of a network of that name"),
  },
  operand: "name",
  examples: ["hospitals --rpc https://node.example/v3/KEY --deployment hospitals.json"],
  aboutProfiles: true,
  async run({ name, rpc, use, force, ...flags }, { environment }) {
    const path = (given: string | undefined) => given && resolve(given);
    const others = {
      store: path(flags.store),
      keyDocuments: path(flags["key-documents"]),
      ipfs: flags.ipfs,
      otherNodes: flags["other-node"].length === 0 ? undefined : flags["other-node"],
      agreement: flags.agreement,
      finality: flags.finality === undefined ? undefined : String(flags.finality),
    };
    const given = Object.entries(others).filter(([, value]) => value !== undefined);
    const network = { rpc, deployment: resolve(flags.deployment), ...(Object.fromEntries(given) as Network) };
    const refuse = ({ networks }: Configuration) => {
      if (!force && Object.hasOwn(networks, name)) throw exists(name);
    };
    const { chainId } = await checkNetwork(network);
    const { network: usual } = await changeConfiguration(environment, (present) => {
      refuse(present);
      return {
        ...present,
        network: use ? name : (present.network ?? name),
        networks: { ...present.networks, [name]: network },
      };
    });
    return {
      data: { name, node: hostOf(rpc), chainId, deployment: network.deployment, usual: usual === name },
      text: [
        done(`Added the network ${name}`),
        facts({
          node: [rpc, ...(network.otherNodes ?? [])].map(hostOf),
          chain: chainId,
          contracts: network.deployment,
          "kept in": configurationFile(environment),
        }),
        ...(usual === name ? [] : [next(`to use it where no profile names another: chartchain network use ${name}`)]),
        next(`chartchain init --network ${name}`),
      ].join("\n"),
    };
  },
});

const exists = (name: string) =>
  new ChartChainError("NETWORK_EXISTS", `there is a network ${name} already`, {
    details: { name },
    hint: "Give another name, or --force to put this one in its place.",
  });
