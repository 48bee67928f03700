import type { Explanations } from "../explanation.js";

export const AUTHORITY = {
  ACCESS_MANAGED_INVALID_AUTHORITY: {
    why: "A contract was to be given an authority without code.",
    fix: "Deploy the Authority first and name its address.",
  },
  ACCESS_MANAGED_REQUIRED_DELAY: {
    why: "The caller's role has a delay, and the function was called directly.",
    fix: "Schedule it through the Authority; the SDK's licensing verbs do.",
  },
  ACCESS_MANAGED_UNAUTHORIZED: {
    why: "The caller has no role for this function.",
    fix: "Use the authority's account.",
  },
  ACCESS_MANAGER_ALREADY_SCHEDULED: {
    why: "The same operation is scheduled and hasn't run.",
    fix: "Wait for the delay to pass and execute it.",
  },
  ACCESS_MANAGER_BAD_CONFIRMATION: {
    why: "A role was to be renounced for another account than the caller's.",
    fix: "Call it from the account that renounces.",
  },
  ACCESS_MANAGER_EXPIRED: {
    why: "The scheduled operation was not executed within a week after it was ready.",
    fix: "Schedule it again.",
  },
  ACCESS_MANAGER_INVALID_INITIAL_ADMIN: {
    why: "The Authority was to be deployed for the zero address.",
    fix: "Name an account.",
  },
  ACCESS_MANAGER_LOCKED_FUNCTION: {
    why: "The role of this function was fixed at deployment, or the contract was to get another authority.",
    fix: "Leave it as it is.",
  },
  ACCESS_MANAGER_LOCKED_ROLE: {
    why: "The administrator's and the public role can't be changed in this way; and a role without a delay gets no function and administers none.",
    fix: "Use another role.",
  },
  ACCESS_MANAGER_NOT_READY: {
    why: "The authority's delay isn't over.",
    fix: "Wait; `getSchedule` says until when.",
  },
  ACCESS_MANAGER_NOT_SCHEDULED: {
    why: "The operation was not announced, was executed already or was cancelled.",
    fix: "Schedule it first.",
  },
  ACCESS_MANAGER_UNAUTHORIZED_ACCOUNT: {
    why: "The account lacks the role that the Authority's own function asks for.",
    fix: "Use the administrator's account.",
  },
  ACCESS_MANAGER_UNAUTHORIZED_CALL: {
    why: "The account may not call this function, or not this soon.",
    fix: "Use the authority's account, and wait out its delay.",
  },
  ACCESS_MANAGER_UNAUTHORIZED_CANCEL: {
    why: "Only who scheduled an operation, an administrator or a guardian cancels it.",
    fix: "Use one of these accounts.",
  },
  ACCESS_MANAGER_UNAUTHORIZED_CONSUME: {
    why: "A contract consumed a scheduled operation that isn't its own.",
    fix: "Don't call it directly; execute the operation.",
  },
  ADDRESS_EMPTY_CODE: {
    why: "The Authority was to call an address without code.",
    fix: "Check the target's address.",
  },
  DELAY_TOO_SHORT: {
    why: "A role was to be given with less than the deployment's delay. Only suspending and reviewing may go without.",
    fix: "Give it with `minimumDelay`, or more.",
  },
  FAILED_CALL: {
    why: "The call through the Authority failed without a reason.",
    fix: "Simulate the inner call to see why.",
  },
  INSUFFICIENT_BALANCE: {
    why: "More ether was to be sent along than the Authority has.",
    fix: "Send none: no function here takes ether.",
  },
  SAFE_CAST_OVERFLOWED_UINT_DOWNCAST: {
    why: "A delay or time doesn't fit into its type.",
    fix: "Give a smaller number.",
  },
} satisfies Explanations;
