import { batchOf, createBank, type Bank } from "./chain.js";
import { Ledger } from "./ledger.js";
import { populationOf, type Depositor, type Scenario, type World } from "./population.js";

export interface Options {
  patients: number;
  stewards: number;
  years: number;
  seed: number;
  /** How many real people and fakes also do everything on chain, to compare with. */
  sample: number;
}

/** One season as it ended; amounts in units of 10^-18. */
export interface Season {
  deposits: number;
  /** What one deposit earned, without bonus, by the contract. */
  price: bigint;
  /** The most that the season could mint, by the contract. */
  emission: bigint;
  vested: bigint;
  vesting: bigint;
  /** What the fakes have so far. */
  fakes: bigint;
}

export interface Outcome {
  scenario: Scenario;
  seasons: Season[];
  /** What each real patient earned. */
  rewards: bigint[];
  fakes: bigint;
  clawedBack: bigint;
  struck: number;
  /** What the colluding clinic's bond lost, in wei. */
  slashed: bigint;
  /** The most that its budget lets it give away. */
  bound: bigint;
  /** Claims sent on chain; each was credited what the ledger says, to the last unit. */
  compared: number;
}

interface Claim {
  depositor: Depositor;
  steward: number;
  season: number;
  proof: string[];
}

/** Five years of the bank: confirmed on chain in full, claimed on chain by a sample, and counted for everybody. */
export async function simulate(
  scenario: Scenario,
  options: Options,
  progress: (done: number, all: number) => void,
): Promise<Outcome> {
  const length = 30 / 365;
  const seasons = Math.round(options.years / length);
  const world = populationOf({ ...options, seasons, scenario });
  const bank = await createBank(options);
  try {
    return await new Simulation(bank, world, scenario, options, new Ledger(await bank.terms())).run(seasons, progress);
  } finally {
    await bank.close();
  }
}

class Simulation {
  /** Depositors who act on chain: number, and who they are there. */
  private readonly sampled = new Map<number, Awaited<ReturnType<Bank["openAccount"]>>>();
  /** Who has a leaf under which number; who isn't sampled gets a number that no participant has. */
  private readonly claims: Claim[][] = [];
  private compared = 0;
  private clawedBack = 0n;
  private struck = 0;
  private slashed = 0n;

  constructor(
    private readonly bank: Bank,
    private readonly world: World,
    private readonly scenario: Scenario,
    private readonly options: Options,
    private readonly ledger: Ledger,
  ) {}

  async run(count: number, progress: (done: number, all: number) => void): Promise<Outcome> {
    const { bank } = this;
    await this.openAccounts();
    await bank.fund(this.world.budgets);
    const seasons: Season[] = [];
    const claimAfter = Number(await bank.bank.CLAIM_AFTER());
    // What was deposited in the last season is claimed three seasons later.
    const last = count - 1 + claimAfter;
    let hour = 0;
    for (let now = 1; now <= last; now++) {
      hour = await bank.toSeason(now);
      if (now - 1 < count) await this.confirm(now - 1);
      if (now >= claimAfter) await this.claim(now - claimAfter, hour);
      if (now === this.scenario.foundIn) await this.find(now, hour);
      if (now >= claimAfter) seasons.push(await this.season(now - claimAfter, hour));
      progress(now, last);
    }
    await this.compareAccounts(hour);
    const real = this.world.depositors.filter(({ fake }) => !fake);
    const most =
      (await bank.bank.MAX_INTEREST()) * (100n + (await bank.bank.BONUS_PERCENT()) * (await bank.bank.MAX_STREAK()));
    return {
      scenario: this.scenario,
      seasons,
      rewards: real.map(({ index }) => this.ledger.earnedBy(index, hour)),
      fakes: this.fakesEarned(hour),
      clawedBack: this.clawedBack,
      struck: this.struck,
      slashed: this.slashed,
      bound: (most * BigInt(this.world.budgets[this.world.colluding]! * count)) / 100n,
      compared: this.compared,
    };
  }

  /** Spread over all real patients, and over the fakes. */
  private async openAccounts(): Promise<void> {
    for (const fake of [false, true]) {
      const group = this.world.depositors.filter((depositor) => depositor.fake === fake);
      const size = Math.min(this.options.sample, group.length);
      for (let i = 0; i < size; i++) {
        const { index } = group[Math.floor((i * group.length) / size)]!;
        const issuer = fake ? this.world.colluding : 0;
        this.sampled.set(index, await this.bank.openAccount(`depositor ${index}`, issuer));
      }
    }
  }

  /** Every steward confirms its batch of a season. */
  private async confirm(season: number): Promise<void> {
    const claims: Claim[] = [];
    for (const [steward, { signer, participant }] of this.bank.institutions.entries()) {
      const depositors = this.world.seasons[season]!.filter((each) => each.steward === steward).map(
        ({ depositor }) => depositor,
      );
      if (depositors.length === 0) continue;
      const batch = batchOf(
        depositors.map(({ index }) => this.sampled.get(index)?.participant ?? BigInt(2 ** 32 + index)),
        participant,
        season,
      );
      await this.bank.bank.connect(signer).confirmSeason(season, batch.root, depositors.length);
      for (const [i, depositor] of depositors.entries()) {
        const proof = this.sampled.has(depositor.index) ? batch.proof(i) : [];
        claims.push({ depositor, steward, season, proof });
      }
    }
    this.claims[season] = claims;
  }

  /** Everybody claims at the first chance. */
  private async claim(season: number, hour: number): Promise<void> {
    const { bank } = this.bank;
    const price = await bank.interestOf(season);
    const claims = this.claims[season]?.filter(({ depositor }) => !this.isOut(depositor, season)) ?? [];
    for (const { depositor, steward, proof } of claims) {
      const interest = this.ledger.claim(depositor.index, steward, season, price, hour);
      const account = this.sampled.get(depositor.index);
      if (account === undefined) continue;
      const { participant } = this.bank.institutions[steward]!;
      await bank.connect(account.signer).claim(participant, season, proof);
      const credited = await bank.depositOf(account.participant, participant, season);
      if (credited.interest !== interest) {
        throw new Error(`season ${season}: the contract credited ${credited.interest}, the ledger ${interest}`);
      }
      this.compared++;
    }
  }

  /** The authority strikes every fake deposit that it still can, claimed or not, and takes the budget away. */
  private async find(now: number, hour: number): Promise<void> {
    const { bank, institutions } = this.bank;
    const clinic = institutions[this.world.colluding]!;
    const reach = Number(await bank.STRIKE_UNTIL());
    const from = Math.max(0, now - reach);
    const bond = (await bank.stewardOf(clinic.participant)).bond;
    const onChain: { patient: bigint; steward: bigint; season: number; proof: string[] }[] = [];
    const perStrike = (await bank.SLASH_FACTOR()) * (await bank.BOND_PER_DEPOSIT());
    for (let season = from; season < now; season++) {
      for (const { depositor, steward, proof } of this.claims[season] ?? []) {
        if (!depositor.fake) continue;
        this.clawedBack += this.ledger.strike(depositor.index, steward, season, hour);
        this.struck++;
        const account = this.sampled.get(depositor.index);
        if (account === undefined) continue;
        const { status } = await bank.depositOf(account.participant, clinic.participant, season);
        // A proof is for what wasn't claimed.
        const claimed = status === 2n;
        onChain.push({
          patient: account.participant,
          steward: clinic.participant,
          season,
          proof: claimed ? [] : proof,
        });
      }
    }
    this.slashed = bond < perStrike * BigInt(this.struck) ? bond : perStrike * BigInt(this.struck);
    await this.bank.strike(onChain);
    await this.bank.allow(clinic.participant, 0);
  }

  /** What was struck before it was claimed is never claimed. */
  private isOut({ fake }: Depositor, season: number): boolean {
    const { foundIn } = this.scenario;
    return fake && foundIn !== undefined && season + 3 > foundIn;
  }

  private async season(season: number, hour: number): Promise<Season> {
    const { bank } = this.bank;
    const { available, locked } = this.ledger.totals(hour);
    return {
      deposits: Number(await bank.depositsOf(season)),
      price: await bank.interestOf(season),
      emission: await bank.emissionOf(season),
      vested: available,
      vesting: locked,
      fakes: this.fakesEarned(hour),
    };
  }

  private fakesEarned(hour: number): bigint {
    return this.world.depositors
      .filter(({ fake }) => fake)
      .reduce((sum, { index }) => sum + this.ledger.earnedBy(index, hour), 0n);
  }

  /** The accounts on chain must hold what the ledger says, vested and not. */
  private async compareAccounts(hour: number): Promise<void> {
    for (const [index, { participant }] of this.sampled) {
      const there = await this.bank.bank.accountOf(participant);
      const here = this.ledger.accountOf(index, hour);
      if (there.available !== here.available || there.locked !== here.locked) {
        const said = `${there.available} + ${there.locked}, the ledger ${here.available} + ${here.locked}`;
        throw new Error(`depositor ${index}: the contract holds ${said}`);
      }
    }
  }
}
