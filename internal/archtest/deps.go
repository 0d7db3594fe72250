package archtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// modules reads go.mod: every required module and whether it is marked indirect.
func (t *Tree) modules() map[string]bool {
	indirect := map[string]bool{}
	inside := false
	for line := range strings.SplitSeq(t.Text["go.mod"], "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 2 && f[0] == "require" && f[1] == "(":
			inside = true
		case len(f) == 1 && f[0] == ")":
			inside = false
		case inside && len(f) >= 2:
			indirect[f[0]] = len(f) > 2 && f[len(f)-1] == "indirect"
		case len(f) >= 3 && f[0] == "require":
			indirect[f[1]] = f[len(f)-1] == "indirect"
		}
	}
	return indirect
}

// direct lists the modules that our packages and tests import.
func (t *Tree) direct() map[string]bool {
	modules := t.modules()
	used := map[string]bool{}
	for _, f := range t.Go {
		for _, imp := range f.Imports() {
			if !foreign(imp) {
				continue
			}
			best := ""
			for m := range modules {
				if (imp == m || strings.HasPrefix(imp, m+"/")) && len(m) > len(best) {
					best = m
				}
			}
			used[best] = true
		}
	}
	return used
}

// goModDirect is the cheap half of "go mod tidy changes nothing".
func goModDirect(t *Tree) []string {
	used := t.direct()
	var found []string
	for m, indirect := range t.modules() {
		switch {
		case used[m] && indirect:
			found = append(found, fmt.Sprintf("go.mod: %s is imported, yet marked indirect", m))
		case !used[m] && !indirect:
			found = append(found, fmt.Sprintf("go.mod: %s is not imported", m))
		}
	}
	slices.Sort(found)
	return found
}

// dependencyDocs asks for a line in docs/dependencies.md for each module and
// package we chose ourselves: why, what else was weighed, who could replace it;
// and for no other.
func dependencyDocs(t *Tree) []string {
	rowOf := regexp.MustCompile("^\\| `([^`]+)`")
	names := slices.Sorted(maps.Keys(t.direct()))
	var manifest struct{ Dependencies, DevDependencies map[string]string }
	if text, ok := t.Text["web-client/package.json"]; ok {
		if err := json.Unmarshal([]byte(text), &manifest); err != nil {
			return []string{"web-client/package.json: " + err.Error()}
		}
	}
	names = append(names, slices.Sorted(maps.Keys(manifest.Dependencies))...)
	names = append(names, slices.Sorted(maps.Keys(manifest.DevDependencies))...)
	text := t.Text["docs/dependencies.md"]
	var found []string
	for _, name := range names {
		if !strings.Contains(text, "`"+name+"`") {
			found = append(found, fmt.Sprintf("docs/dependencies.md: no line for `%s`", name))
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if m := rowOf.FindStringSubmatch(line); m != nil && !slices.Contains(names, m[1]) {
			found = append(found, fmt.Sprintf("docs/dependencies.md: `%s` is no dependency", m[1]))
		}
	}
	return found
}

// wholeLock asks that the lock file has an entry for every optional package,
// those for other systems included: "npm ci" refuses a lock without them, and
// "npm install" leaves out what the registry at hand does not carry.
func wholeLock(t *Tree) []string {
	const path = "web-client/package-lock.json"
	text, ok := t.Text[path]
	if !ok {
		return nil
	}
	var lock struct {
		Packages map[string]struct{ OptionalDependencies map[string]string }
	}
	if err := json.Unmarshal([]byte(text), &lock); err != nil {
		return []string{path + ": " + err.Error()}
	}
	have := map[string]bool{}
	for at := range lock.Packages {
		parts := strings.Split(at, "node_modules/")
		have[parts[len(parts)-1]] = true
	}
	var found []string
	for _, of := range lock.Packages {
		for name := range of.OptionalDependencies {
			if !have[name] {
				found = append(found, fmt.Sprintf("%s: no entry for %s", path, name))
			}
		}
	}
	slices.Sort(found)
	return found
}
