package catalog

import (
	"fmt"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The tiers of a seeded point, as words of an audience (Art 5.4.c).
const (
	tierProvince = "Cấp tỉnh"
	tierDistrict = "Cấp huyện"
	tierCommune  = "Cấp xã"
)

// maxBelow is how many points a system below may have so that a point's number
// still says where it is: the district's number, then two digits.
const maxBelow = 99

// Seeded is the catalogue a first start has: the systems of both provinces,
// and the templates of the meetings the regulation knows (Art 5).
func Seeded() (*Book, error) {
	b := &Book{}
	for _, id := range Trees() {
		t, err := LoadTree(id)
		if err != nil {
			return nil, err
		}
		t.seed(b)
	}
	b.templates()
	b.sort()
	if err := b.Check(); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	return b, nil
}

// seed adds the systems of a tree: its own, and of three tiers the one of each
// district with its communes (Art 1.1.c), whose chair sits in the district's
// room.
func (t *Tree) seed(b *Book) {
	top := t.System
	b.Systems = append(b.Systems, top.System)
	for _, p := range top.Points {
		tier := tierDistrict
		if p.Parent != "" || len(t.Children(p.Code)) == 0 {
			tier = tierCommune
		}
		if p.ID == top.ChairPoint || strings.Contains(p.Code, "-") {
			tier = tierProvince
		}
		p.System, p.Tier = top.ID, tier
		b.Points = append(b.Points, Point{Point: p})
	}
	for _, p := range top.Points {
		district, ok := t.Unit(p.Code)
		if communes := t.Children(p.Code); ok && p.ID != top.ChairPoint && len(communes) > 0 {
			t.seedBelow(b, p, district, communes)
		}
	}
}

// seedBelow adds the system of one district. Its points are numbered after the
// district's: 701 is the first of number 7.
func (t *Tree) seedBelow(b *Book, chair meeting.Point, district Unit, communes []Unit) {
	s := System{
		ID:         t.ID + "-" + district.Code,
		Name:       "Hệ thống GBTT của " + district.Title(),
		Owner:      "UBND " + district.Title(),
		Basis:      "Decision 1373/QĐ-UBND, Art 1.1.c",
		ChairPoint: chair.ID,
		Above:      t.System.ID,
		Shared:     []meeting.PointID{chair.ID},
	}
	b.Systems = append(b.Systems, s)
	prefix, _, _ := strings.Cut(string(chair.ID), "-")
	for i, u := range communes[:min(len(communes), maxBelow)] {
		b.Points = append(b.Points, Point{Point: meeting.Point{
			ID: meeting.PointID(prefix + "-" + u.Code), Number: chair.Number*100 + i + 1, Code: u.Code,
			Name: "UBND " + u.Title(), Parent: strings.TrimPrefix(chair.Name, "UBND "), Tier: tierCommune, System: s.ID,
		}})
	}
}

// templates adds what Art 5.1 and 5.3 describe, as far as the seeded points go.
// Titles are written as an invitation has them.
func (b *Book) templates() {
	districts := func(first ...meeting.PointID) []meeting.PointID {
		for _, p := range b.Points {
			if p.System == "ha-giang-tinh" && p.Tier == tierDistrict {
				first = append(first, p.ID)
			}
		}
		return first
	}
	b.Templates = append(b.Templates,
		Template{
			ID: "T1", Name: "T1 · Tỉnh ủy với các huyện ủy, thành ủy", Basis: "Art 5.1.a", System: "ha-giang-tinh",
			Title: "Giao ban Tỉnh ủy với các huyện ủy, thành ủy", HostUnit: "Tỉnh ủy Hà Giang", ChairPoint: "hg-02", Points: districts("hg-02"),
		},
		Template{
			ID: "T2", Name: "T2 · HĐND, UBND tỉnh với các huyện, thành phố", Basis: "Art 5.1.b", System: "ha-giang-tinh",
			Title: "Giao ban UBND tỉnh với UBND các huyện, thành phố", HostUnit: "UBND tỉnh Hà Giang", ChairPoint: "hg-01",
		},
		Template{
			ID: "T3", Name: "T3 · Sở Tài chính với các huyện, thành phố", Basis: "Art 5.1.c", System: "ha-giang-tinh",
			Title: "Họp trực tuyến ngành Tài chính", HostUnit: "Sở Tài chính", ChairPoint: "hg-03", Points: districts("hg-03"),
		},
		Template{
			ID: "T4", Name: "T4 · Một sở, ngành của tỉnh với các huyện, thành phố", Basis: "Art 5.2.a–b", System: "ha-giang-tinh",
			Title: "Họp trực tuyến sở, ngành với các huyện, thành phố", ChairPoint: "hg-01", Points: districts("hg-01"),
		},
		Template{
			ID: "T5", Name: "T5 · Tỉnh với huyện và xã, kết nối liên thông", Basis: "Art 5.4.b", System: "ha-giang-tinh", Below: true,
			Title: "Họp trực tuyến toàn tỉnh", HostUnit: "UBND tỉnh Hà Giang", ChairPoint: "hg-01",
		},
		Template{
			ID: "TQ", Name: "Tuyên Quang · UBND tỉnh với các xã, phường", System: "tuyen-quang-tinh",
			Title: "Giao ban UBND tỉnh với UBND các xã, phường", HostUnit: "UBND tỉnh Tuyên Quang", ChairPoint: "tq-001",
		},
	)
	for _, s := range b.Systems {
		if s.Above != "" {
			b.Templates = append(b.Templates, Template{
				ID: "H-" + s.ID, Name: "Huyện · " + s.Owner + " với các xã, thị trấn", Basis: "Art 5.3", System: s.ID,
				Title: "Giao ban " + s.Owner + " với các xã, thị trấn", HostUnit: s.Owner, ChairPoint: s.ChairPoint,
			})
		}
	}
}
