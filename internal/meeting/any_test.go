package meeting

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// allCommands is one of each command.
var allCommands = []Command{
	CreateMeeting{}, EndMeeting{},
	Connect{}, Lose{}, AskTakeover{}, AllowTakeover{},
	RequestFloor{}, CancelRequest{}, ReleaseFloor{}, GrantFloor{}, DenyFloor{}, RevokeFloor{}, GiveFloor{},
	CloseAll{}, SetMode{}, SwitchOn{}, SwitchOff{}, SetCamera{},
	SetLayout{}, ClearLayout{},
	AnnotateRequest{}, MoveRequest{}, AcceptRequest{}, DeferRequest{},
	LockContent{}, SetContentSound{}, TakeControl{},
	OpenLobby{}, StartMeeting{}, BeginClosing{}, MoveChair{}, Rehome{},
	LockMeeting{}, ReadmitPoint{}, ReleasePoint{}, ReleaseAll{}, LeavePoint{}, SummonPoint{}, FinishPoint{}, CheckPoint{},
	UndoLayout{}, SaveLayout{}, TakeSaved{}, DeleteSaved{}, SetRotation{}, PauseRotation{}, SetBanner{}, ClearBanner{},
	OpenFeed{}, CloseFeed{},
	StartRollCall{}, CallNext{}, MarkPoint{}, PauseRollCall{}, FinishRollCall{},
	DescribeIncident{}, SendMessage{}, ReadMessages{},
	LoseNode{}, FindNode{}, OrderRelay{}, Fork{}, Rejoin{}, ReportIsland{},
	SetTimeLimit{}, ExtendFloor{}, SetProgramme{}, InviteNext{}, MarkEntry{},
}

func commandType(name string) reflect.Type {
	for _, c := range allCommands {
		if c.command() == name {
			return reflect.TypeOf(c)
		}
	}
	return nil
}

// everyCommand is one of each command, those that are for a point for this one.
func everyCommand(p PointID) []Command {
	var list []Command
	for _, c := range allCommands {
		v := reflect.New(reflect.TypeOf(c)).Elem()
		if _, ok := c.(pointCommand); ok {
			v.FieldByName("Point").Set(reflect.ValueOf(p))
		}
		list = append(list, v.Interface().(Command))
	}
	return list
}

// readCommand reads "floor.annotate floor=speech point=p2 note="Ý kiến gấp"";
// a list is words between commas, or JSON to the end of the line.
func readCommand(name, words string) (Command, error) {
	t := commandType(name)
	if t == nil {
		return nil, nil
	}
	fields := map[string]json.RawMessage{}
	for words = strings.TrimSpace(words); words != ""; {
		key, rest, ok := strings.Cut(words, "=")
		if !ok {
			return nil, fmt.Errorf("%q: want name=value", words)
		}
		value, left, _ := strings.Cut(rest, " ")
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			value, left = quoted, rest[len(quoted):]
		} else if strings.HasPrefix(rest, "[{") || strings.HasPrefix(rest, "{") {
			value, left = rest, ""
		}
		fields[key] = inJSONOf(t, key, value)
		words = strings.TrimSpace(left)
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	c := reflect.New(t)
	if err := decodeStrict(b, c.Interface()); err != nil {
		return nil, err
	}
	return c.Elem().Interface().(Command), nil
}

// inJSONOf writes a word as the field of that name takes it.
func inJSONOf(t reflect.Type, key, value string) json.RawMessage {
	kind := reflect.String
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name == key {
			kind = t.Field(i).Type.Kind()
		}
	}
	switch {
	case kind == reflect.Slice && value[0] != '[':
		b, _ := json.Marshal(strings.Split(value, ","))
		return b
	case kind != reflect.String || value[0] == '"':
		return json.RawMessage(value)
	}
	b, _ := json.Marshal(value)
	return b
}

// fill draws every field of a command or fact, by its type and name.
func (g *game) fill(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	for i := range t.NumField() {
		v.Field(i).Set(g.value(t.Field(i).Name, t.Field(i).Type))
	}
	return v
}

func (g *game) value(name string, t reflect.Type) reflect.Value {
	switch t {
	case reflect.TypeFor[PointID]():
		return reflect.ValueOf(g.room())
	case reflect.TypeFor[NodePath]():
		return reflect.ValueOf(pick[NodePath](g, name, "tw/02", "tw/02/024", "tw/02/030", "tw", "", "elsewhere"))
	case reflect.TypeFor[Floor]():
		return reflect.ValueOf(g.speechOrContent())
	case reflect.TypeFor[Audience]():
		return reflect.ValueOf(g.audience())
	case reflect.TypeFor[Layout]():
		return reflect.ValueOf(g.layout())
	case reflect.TypeFor[time.Time]():
		return reflect.ValueOf(g.now.Add(time.Duration(pick(g, name, 5, 60, 300, -5)) * time.Second))
	}
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.String:
		v.SetString(pick(g, name, g.wordsOf(t)...))
	case reflect.Bool:
		v.SetBool(pick(g, name, true, false))
	case reflect.Int:
		v.SetInt(int64(pick(g, name, 1, 2, 0, 3, 5, 4, 60, -1, 400)))
	case reflect.Uint64:
		v.SetUint(uint64(pick(g, name, 1, 2, 0, 3)))
	case reflect.Slice:
		for range pick(g, "length of "+name, 3, 2, 5, 0) {
			v = reflect.Append(v, g.value(name, t.Elem()))
		}
	case reflect.Struct:
		v = g.fill(t)
	default:
		g.Fatalf("%s: %v cannot be drawn", name, t)
	}
	return v
}

// wordsOf are what a string of the type may be: the words of a closed type, a
// wrong one, or free text.
func (g *game) wordsOf(t reflect.Type) []string {
	if words, ok := closedWords[t]; ok {
		return append(words[:len(words):len(words)], "none of these")
	}
	return []string{g.text()}
}

// closedWords are the words of the closed types that commands carry.
var closedWords = map[reflect.Type][]string{
	reflect.TypeFor[AtZero]():     {"close", "warn"},
	reflect.TypeFor[MarkState]():  {"present", "absent", "late"},
	reflect.TypeFor[EntryState](): {"waiting", "skipped", "done", "speaking"},
}
