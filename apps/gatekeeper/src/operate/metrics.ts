import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** What Prometheus reads. Labels name routes and statuses, and nobody. */
export interface Metrics {
  registry: Registry;
  /** Seconds that a request took. */
  requests: Histogram<"route" | "method" | "status">;
  /** Answers by what they rest on. */
  entries: Counter<"basis" | "outcome">;
}

/** What a gauge reads when somebody looks. */
export interface Gauges {
  /** The newest block that the index has. */
  block: () => number;
  /** How many entries there are. */
  entries: () => number;
}

/** Source: https://prometheus.io/docs/practices/naming/ */
export function createMetrics({ block, entries }: Gauges): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: "chartchain_gatekeeper_index_block",
    help: "The newest block that the index of the chain has",
    registers,
    collect() {
      this.set(block());
    },
  });
  new Gauge({
    name: "chartchain_gatekeeper_entries",
    help: "Entries of what was shown to whom",
    registers,
    collect() {
      this.set(entries());
    },
  });
  return {
    registry,
    requests: new Histogram({
      name: "chartchain_gatekeeper_request_seconds",
      help: "How long requests took",
      labelNames: ["route", "method", "status"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    entries: new Counter({
      name: "chartchain_gatekeeper_answers_total",
      help: "Answers about patients, by what they rest on",
      labelNames: ["basis", "outcome"],
      registers,
    }),
  };
}
