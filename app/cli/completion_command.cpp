// SPDX-License-Identifier: GPL-3.0-or-later
// completion: what a shell needs to complete the words of a command, from the registry and the command's own options.
#include <iostream>

#include "app/cli/commands.h"
#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/export/export_chain.h"
#include "engine/op/param_values.h"

namespace cubeloom::cli {
namespace {

/// The bodies of functions that print words, one a line: the same for each shell.
class WordTables {
 public:
  WordTables(const Registry& registry, const std::vector<CommandWords>& commands) : m_registry(registry), m_commands(commands) {}

  std::string text() const {
    std::string all;
    all += function("operations", words(m_registry.ids()));
    all += function("commands", words(commandNames()));
    all += function("languages", words(exportLanguages()));
    all += function("options", cases("$1", [this](auto&& add) {
                      for (const CommandWords& command : m_commands) add(command.name, words(command.options));
                    }));
    all +=
        function("parameters", cases("$1", [this](auto&& add) { eachOperation(add, [](const Declaration& d) { return parameters(d); }); }));
    all += function("values", cases("$1.$2", [this](auto&& add) {
                      for (const Operation* operation : m_registry.all())
                        for (const Param& p : operation->declaration().params)
                          if (const auto all = values(p); !p.former && !all.empty())
                            add(operation->declaration().id + "." + p.name, words(all));
                    }));
    std::vector<std::string> files, steps;
    for (const Operation* operation : m_registry.all())
      for (const Param& p : operation->declaration().params) {
        const std::string name = operation->declaration().id + "." + p.name;
        if (p.type == ParamType::Path || p.type == ParamType::OutputPath || p.type == ParamType::Features) files.push_back(name);
        if (p.type == ParamType::Node) steps.push_back(name);
      }
    all += test("takes_file", files) + test("takes_step", steps);
    return all;
  }

 private:
  static std::string function(const std::string& name, const std::string& body) {
    return "_cubeloom_cli_" + name + "() {\n" + body + "}\n";
  }

  static std::string words(const std::vector<std::string>& all) {
    if (all.empty()) return "  :\n";
    std::string line = "  printf '%s\\n'";
    for (const std::string& word : all) line += " " + shellQuoted(word);
    return line + "\n";
  }

  template <class Fill>
  static std::string cases(const std::string& of, Fill&& fill) {
    std::string body = "  case \"" + of + "\" in\n";
    fill([&body](const std::string& name, const std::string& line) { body += "  " + name + ") " + std::string(trim(line)) + " ;;\n"; });
    return body + "  esac\n";
  }

  static std::string test(const std::string& name, const std::vector<std::string>& all) {
    std::string body = "  case \"$1.$2\" in\n";
    if (!all.empty()) body += "  " + join(all, "|") + ") return 0 ;;\n";
    return function(name, body + "  esac\n  return 1\n");
  }

  template <class Add, class Words>
  void eachOperation(Add&& add, Words&& of) const {
    for (const Operation* operation : m_registry.all()) add(operation->declaration().id, words(of(operation->declaration())));
  }

  std::vector<std::string> commandNames() const {
    std::vector<std::string> names;
    names.reserve(m_commands.size());
    for (const CommandWords& command : m_commands) names.push_back(command.name);
    return names;
  }

  static std::vector<std::string> parameters(const Declaration& d) {
    std::vector<std::string> names;
    for (const Param& p : d.params)
      if (!p.former) names.push_back(p.name + "=");
    return names;
  }

  static std::vector<std::string> values(const Param& p) {
    if (!p.choices.empty()) return choiceNames(p);
    switch (p.type) {
      case ParamType::Bool: return {"true", "false"};
      case ParamType::Resolution: return {"auto", "fit", "same"};
      case ParamType::PixelType:
        return {"uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "complex64", "complex128"};
      case ParamType::Palette: return paletteNames();
      default: return {};
    }
  }

  const Registry& m_registry;
  const std::vector<CommandWords>& m_commands;
};

// Both find the last "!" before the word to complete. Without one it belongs to the command; else to a step, whose first word is the
// operation, a name before it or not.

constexpr const char* kBash = R"sh(
_cubeloom_cli() {
  local line=${COMP_LINE:0:COMP_POINT} cur IFS=$' \t\n' i bang=0 op= word
  local -a words replies=() names=()
  read -r -a words <<< "$line"
  case $line in *[[:blank:]]) words+=("") ;; esac
  local last=$((${#words[@]} - 1))
  cur=${words[last]}
  for ((i = 1; i < last; ++i)); do
    [[ ${words[i]} == '!' ]] && bang=$i
    [[ ${words[i]} == *= && ${words[i-1]} == '!' ]] && names+=("${words[i]%=}")
  done
  COMPREPLY=()
  IFS=$'\n'
  if ((bang == 0)); then
    if ((last == 1)); then
      replies=($(_cubeloom_cli_commands))
    elif [[ $cur == -* ]]; then
      replies=($(_cubeloom_cli_options "${words[1]}"))
    elif [[ ${words[1]} == ops ]]; then
      replies=($(_cubeloom_cli_operations))
    elif [[ ${words[1]} == completion ]]; then
      replies=(bash zsh)
    elif [[ ${words[last-1]} == --progress ]]; then
      replies=(bar jsonl none)
    elif [[ ${words[last-1]} == --to ]]; then
      replies=($(_cubeloom_cli_languages))
    elif [[ ${words[last-1]} == --with ]]; then
      replies=(python gdal)
    else
      compopt -o filenames 2>/dev/null
      replies=($(compgen -f -- "$cur"))
    fi
  else
    for ((i = bang + 1; i < last; ++i)); do
      [[ ${words[i]} == *= && $i == $((bang + 1)) ]] && continue
      op=${words[i]}
      break
    done
    if [[ -z $op ]]; then
      replies=($(_cubeloom_cli_operations))
    elif [[ $cur == '['* ]]; then
      for word in "${names[@]}"; do replies+=("[$word]"); done
    elif [[ $cur == *=* ]]; then
      local name=${cur%%=*} value=${cur#*=}
      if _cubeloom_cli_takes_file "$op" "$name"; then
        compopt -o filenames 2>/dev/null
        for word in $(compgen -f -- "$value"); do replies+=("$name=$word"); done
      elif _cubeloom_cli_takes_step "$op" "$name"; then
        for word in "${names[@]}"; do replies+=("$name=$word"); done
      else
        for word in $(_cubeloom_cli_values "$op" "$name"); do replies+=("$name=$word"); done
      fi
    else
      for word in $(_cubeloom_cli_parameters "$op"); do
        for ((i = bang + 1; i < last; ++i)); do [[ ${words[i]} == "$word"* ]] && continue 2; done
        replies+=("$word")
      done
      compopt -o nospace 2>/dev/null
      if _cubeloom_cli_takes_file "$op" path; then
        compopt -o filenames 2>/dev/null
        replies+=($(compgen -f -- "$cur"))
      fi
    fi
  fi
  # Bash cuts words at '=' and ':' and replaces what is behind the last of them.
  local known=${COMP_WORDS[COMP_CWORD]} cut
  [[ $known == '=' || $known == ':' ]] && known=
  cut=${cur%"$known"}
  for word in "${replies[@]}"; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("${word#"$cut"}")
  done
}
complete -F _cubeloom_cli cubeloom-cli
)sh";

constexpr const char* kZsh = R"sh(
_cubeloom_cli() {
  local cur=${words[CURRENT]} op name i bang=0
  local -a names
  for (( i = 2; i < CURRENT; ++i )); do
    [[ ${words[i]} == '!' ]] && bang=$i
    [[ ${words[i]} == *= && ${words[i-1]} == '!' ]] && names+=("${words[i]%=}")
  done
  if (( bang == 0 )); then
    if (( CURRENT == 2 )); then
      compadd -- ${(f)"$(_cubeloom_cli_commands)"}
    elif [[ $cur == -* ]]; then
      compadd -- ${(f)"$(_cubeloom_cli_options ${words[2]})"}
    elif [[ ${words[2]} == ops ]]; then
      compadd -- ${(f)"$(_cubeloom_cli_operations)"}
    elif [[ ${words[2]} == completion ]]; then
      compadd -- bash zsh
    elif [[ ${words[CURRENT-1]} == --progress ]]; then
      compadd -- bar jsonl none
    elif [[ ${words[CURRENT-1]} == --to ]]; then
      compadd -- ${(f)"$(_cubeloom_cli_languages)"}
    elif [[ ${words[CURRENT-1]} == --with ]]; then
      compadd -- python gdal
    else
      _files
    fi
    return
  fi
  i=$(( bang + 1 ))
  [[ $i -lt $CURRENT && ${words[i]} == *= ]] && i=$(( i + 1 ))
  if (( i == CURRENT )); then
    compadd -- ${(f)"$(_cubeloom_cli_operations)"}
    return
  fi
  op=${words[i]}
  if [[ $cur == (\\|\'|)'['* ]]; then
    compadd -- "[${^names[@]}]"
  elif [[ $cur == *=* ]]; then
    name=${cur%%=*}
    compset -P '*='
    if _cubeloom_cli_takes_file $op $name; then
      _files
    elif _cubeloom_cli_takes_step $op $name; then
      compadd -- $names
    else
      compadd -- ${(f)"$(_cubeloom_cli_values $op $name)"}
    fi
  else
    compadd -S '' -- ${(f)"$(_cubeloom_cli_parameters $op)"}
    _cubeloom_cli_takes_file $op path && _files
  fi
}
if [[ ${funcstack[1]} == _cubeloom_cli ]]; then
  _cubeloom_cli "$@"
else
  compdef _cubeloom_cli cubeloom-cli
fi
)sh";

}  // namespace

int runCompletion(const Services& services, const std::string& shell, const std::vector<CommandWords>& commands) {
  const bool isZsh = shell == "zsh";
  std::cout << (isZsh ? "#compdef cubeloom-cli\n# Save as _cubeloom_cli in a folder of $fpath, or: source <(cubeloom-cli completion zsh)\n"
                      : "# In ~/.bashrc: source <(cubeloom-cli completion bash)\n")
            << WordTables(*services.registry, commands).text() << (isZsh ? kZsh : kBash);
  return kDone;
}

}  // namespace cubeloom::cli
