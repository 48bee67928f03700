// Imported first by every script: Node calls its ML-KEM experimental once for each start, and a person can do nothing
// about it.
process.removeAllListeners("warning");
