import type { Explanations } from "../explanation.js";

export const CHART_TOKEN = {
  ECDSA_INVALID_SIGNATURE: {
    why: "The signature of a permit recovers to no account.",
    fix: "Sign again.",
  },
  ECDSA_INVALID_SIGNATURE_LENGTH: {
    why: "The signature of a permit hasn't 65 bytes.",
    fix: "Give r, s and v as they were signed.",
  },
  ECDSA_INVALID_SIGNATURE_S: {
    why: "The signature's s is in the upper half, so that it could exist twice.",
    fix: "Sign with a wallet that makes low-s signatures; all current ones do.",
  },
  ERC20_EXCEEDED_CAP: {
    why: "More would be minted than the cap allows.",
    fix: "Mint less; the cap never changes.",
  },
  ERC20_INSUFFICIENT_ALLOWANCE: {
    why: "The spender's allowance is smaller than the amount.",
    fix: "Have the owner approve more.",
  },
  ERC20_INSUFFICIENT_BALANCE: {
    why: "The sender has fewer tokens than the amount.",
    fix: "Send less.",
  },
  ERC20_INVALID_APPROVER: {
    why: "The zero address can't approve.",
    fix: "Use an account.",
  },
  ERC20_INVALID_CAP: {
    why: "The cap would be zero.",
    fix: "Never happens with the deployed contract.",
  },
  ERC20_INVALID_RECEIVER: {
    why: "Tokens were to be sent to the zero address.",
    fix: "Name an account.",
  },
  ERC20_INVALID_SENDER: {
    why: "Tokens were to be sent from the zero address.",
    fix: "Use an account.",
  },
  ERC20_INVALID_SPENDER: {
    why: "The zero address was to be approved.",
    fix: "Name an account.",
  },
  ERC2612_EXPIRED_SIGNATURE: {
    why: "The permit's deadline has passed.",
    fix: "Sign again.",
  },
  ERC2612_INVALID_SIGNER: {
    why: "The permit wasn't signed by the owner it names, or the owner's nonce has moved on.",
    fix: "Sign again with the current nonce.",
  },
  INVALID_ACCOUNT_NONCE: {
    why: "A nonce was named that isn't the account's current one.",
    fix: "Read `nonces` and sign again.",
  },
  INVALID_SHORT_STRING: {
    why: "A contract's stored name can't be read.",
    fix: "Never happens with the deployed contracts.",
  },
  STRING_TOO_LONG: {
    why: "A contract's name is too long to be stored in one word.",
    fix: "Never happens with the deployed contracts.",
  },
} satisfies Explanations;
