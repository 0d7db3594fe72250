package rights

import "testing"

// under is a province with two districts.
func under(system, top string) bool {
	return system != "" && (system == top || top == "province" && (system == "district" || system == "other"))
}

func TestHold_IsValidWhereItSays(t *testing.T) {
	for _, tt := range []struct {
		name         string
		h            Hold
		system       string
		runs, covers bool
	}{
		{"everywhere", Hold{Role: controller}, "district", true, true},
		{"everywhere, of the installation", Hold{Role: operator}, "", true, true},
		{"its system", Hold{Role: controller, System: "district"}, "district", true, true},
		{"a system below", Hold{Role: operator, System: "province"}, "district", true, true},
		{"a system above", Hold{Role: controller, System: "district"}, "province", false, false},
		{"another's", Hold{Role: controller, System: "district"}, "other", false, false},
		{"the installation", Hold{Role: operator, System: "province"}, "", false, false},
		{"at a point, of no system", Hold{Role: controller, Point: "p"}, "district", false, false},
		{"at a point, of no system, nor the installation", Hold{Role: operator, Point: "p"}, "", false, false},
		{"a carrier at a point", Hold{Role: carrier, Point: "p"}, "district", false, false},
		{"at a point of a system: its meetings, not the system", Hold{Role: controller, System: "district", Point: "p"}, "district", false, true},
		{"and no meeting above", Hold{Role: controller, System: "district", Point: "p"}, "province", false, false},
		{"a room is told by its point", Hold{Role: "room", Point: "p"}, "province", false, true},
		{"an observer of a system", Hold{Role: "observer", System: "district"}, "other", false, false},
	} {
		if got := tt.h.Runs(tt.system, under); got != tt.runs {
			t.Errorf("%s: runs %q: %v", tt.name, tt.system, got)
		}
		if got := tt.h.Covers(tt.system, under); got != tt.covers {
			t.Errorf("%s: covers %q: %v", tt.name, tt.system, got)
		}
	}
	if got := (Hold{Role: controller, Point: "p"}).At("district"); got.System != "district" {
		t.Errorf("given at a point: %+v", got)
	}
	if got := (Hold{Role: "room", Point: "p"}).At("district"); got.System != "" {
		t.Errorf("a room's: %+v", got)
	}
}
