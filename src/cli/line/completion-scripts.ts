/** The word with which a script asks the program for completions. */
export const COMPLETE = "__complete";

/** What each shell reads. They ask the program as it was typed, so that the answers are of the version that will run. */
export const COMPLETION_SCRIPTS = {
  bash: `# chartchain: completion for bash
_chartchain() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line IFS=$'\\n'
  COMPREPLY=()
  for line in $("\${COMP_WORDS[0]}" ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    case "$line" in
      :file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
      :folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done
}
complete -F _chartchain chartchain
`,
  zsh: `#compdef chartchain
# chartchain: completion for zsh
_chartchain() {
  local line
  local -a lines values
  lines=("\${(@f)$("\${(Q)words[1]}" ${COMPLETE} "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  case "\${lines[1]}" in
    :file) _files; return ;;
    :folder) _files -/; return ;;
  esac
  for line in $lines; do
    values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe chartchain values
}
if [[ "\${funcstack[1]}" = _chartchain ]]; then _chartchain "$@"; else compdef _chartchain chartchain; fi
`,
  fish: `# chartchain: completion for fish
function __chartchain_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l lines ($words[1] ${COMPLETE} $words[2..-1] "$current" 2>/dev/null)
  switch "$lines[1]"
    case :file
      __fish_complete_path "$current"
    case :folder
      __fish_complete_directories "$current"
    case '*'
      printf '%s\\n' $lines
  end
end
complete -c chartchain -f -a '(__chartchain_complete)'
`,
} as const;
