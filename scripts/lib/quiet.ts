/**
 * Node announces with a warning that its ML-KEM is young, once for each algorithm. That belongs into our documentation
 * and not between a person and the result. Has to be imported before whatever loads the cryptography.
 */
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "ExperimentalWarning") console.error(`${warning.name}: ${warning.message}`);
});
