/** What the contract says everybody earned, counted beside it for those whose claims are not sent. */

/** The contract's own parameters, read from it. */
export interface Terms {
  bonusPercent: bigint;
  maxStreak: number;
  /** In hours. */
  vesting: number;
}

interface Account {
  available: bigint;
  locked: bigint;
  /** In hours since 1970. */
  updatedAt: number;
  vestedAt: number;
}

interface Credited {
  streak: number;
  interest: bigint;
}

const keyOf = (depositor: number, steward: number, season: number): string => `${depositor} ${steward} ${season}`;

/** The arithmetic of docs/guides/incentive.md. `simulate` compares it with the contract to the last unit. */
export class Ledger {
  private readonly accounts = new Map<number, Account>();
  private readonly credits = new Map<string, Credited>();

  constructor(private readonly terms: Terms) {}

  /** Credits a deposit. @param price what the contract says one deposit of this season earns. */
  claim(depositor: number, steward: number, season: number, price: bigint, hour: number): bigint {
    const before = this.credits.get(keyOf(depositor, steward, season - 1));
    const streak = before === undefined ? 0 : Math.min(before.streak + 1, this.terms.maxStreak);
    const interest = price + (price * BigInt(streak) * this.terms.bonusPercent) / 100n;
    this.credits.set(keyOf(depositor, steward, season), { streak, interest });
    const account = this.accountOf(depositor, hour);
    account.locked += interest;
    account.vestedAt = hour + this.terms.vesting;
    this.accounts.set(depositor, account);
    return interest;
  }

  /** Takes a credited deposit back as far as it hasn't vested. */
  strike(depositor: number, steward: number, season: number, hour: number): bigint {
    const key = keyOf(depositor, steward, season);
    const credited = this.credits.get(key);
    if (credited === undefined) return 0n;
    this.credits.delete(key);
    const account = this.accountOf(depositor, hour);
    const back = account.locked < credited.interest ? account.locked : credited.interest;
    account.locked -= back;
    this.accounts.set(depositor, account);
    return back;
  }

  /** An account as of an hour. */
  accountOf(depositor: number, hour: number): Account {
    const kept = this.accounts.get(depositor) ?? { available: 0n, locked: 0n, updatedAt: hour, vestedAt: hour };
    const left = Math.max(0, kept.vestedAt - kept.updatedAt);
    const passed = Math.min(hour - kept.updatedAt, left);
    const vested = left === 0 ? kept.locked : (kept.locked * BigInt(passed)) / BigInt(left);
    return { ...kept, available: kept.available + vested, locked: kept.locked - vested, updatedAt: hour };
  }

  /** Everything that was credited and not taken back. */
  earnedBy(depositor: number, hour: number): bigint {
    const { available, locked } = this.accountOf(depositor, hour);
    return available + locked;
  }

  totals(hour: number): { available: bigint; locked: bigint } {
    let [available, locked] = [0n, 0n];
    for (const depositor of this.accounts.keys()) {
      const account = this.accountOf(depositor, hour);
      available += account.available;
      locked += account.locked;
    }
    return { available, locked };
  }
}
