package meeting

import (
	"slices"
	"time"
)

// Bounds of banners.
const (
	maxBanners       = 20
	maxBannerSeconds = 24 * 60 * 60
)

// Banner is a line of text an audience reads over its picture (Dòng thông báo).
type Banner struct {
	Audience Audience  `json:"audience"`
	Text     string    `json:"text"`
	Until    time.Time `json:"until,omitzero"` // zero: until it is cleared
}

// Commands on banners.
type (
	// SetBanner shows an audience a line of text, in place of the one before,
	// for so many seconds; 0 is until it is cleared.
	SetBanner struct {
		Audience Audience `json:"audience"`
		Text     string   `json:"text" max:"800"` // one line of 200 runes
		Seconds  int      `json:"seconds,omitempty"`
	}
	// ClearBanner takes an audience's banner away.
	ClearBanner struct {
		Audience Audience `json:"audience"`
	}
)

func (SetBanner) command() string   { return "banner.set" }
func (ClearBanner) command() string { return "banner.clear" }

// Facts of banners.
type (
	// BannerSet shows an audience a line of text.
	BannerSet struct {
		Audience Audience  `json:"audience"`
		Text     string    `json:"text"`
		Until    time.Time `json:"until,omitzero"`
	}
	// BannerCleared takes an audience's banner away.
	BannerCleared struct {
		Audience Audience `json:"audience"`
	}
)

func (BannerSet) fact() string     { return "banner.set" }
func (BannerCleared) fact() string { return "banner.cleared" }

func (c SetBanner) decide(m *Meeting, at moment) ([]Fact, error) {
	f := BannerSet{Audience: c.Audience, Text: c.Text}
	if c.Seconds < 0 || c.Seconds > maxBannerSeconds {
		return nil, refuse(CodeValueInvalid, "field", "seconds", "max", maxBannerSeconds)
	}
	if c.Seconds > 0 {
		f.Until = canonical(at.now).Add(time.Duration(c.Seconds) * time.Second)
	}
	if err := m.checkBanner(Banner(f)); err != nil {
		return nil, err
	}
	if m.banner(c.Audience) < 0 && len(m.s.Banners) >= maxBanners {
		return nil, refuse(CodeValueInvalid, "field", "audience", "max", maxBanners)
	}
	return []Fact{f}, nil
}

func (c ClearBanner) decide(m *Meeting, _ moment) ([]Fact, error) {
	if m.banner(c.Audience) < 0 {
		return nil, nil
	}
	return []Fact{BannerCleared(c)}, nil
}

func (m *Meeting) checkBanner(b Banner) error {
	switch {
	case !m.hasAudience(b.Audience):
		return refuse(CodeValueInvalid, "field", "audience")
	case b.Text == "" || !validTitle(b.Text) || !validTime(b.Until):
		return refuse(CodeValueInvalid, "field", "text", "max", maxTitle)
	}
	return nil
}

// banner is the index of an audience's banner, -1 if it has none.
func (m *Meeting) banner(a Audience) int {
	return slices.IndexFunc(m.s.Banners, func(b Banner) bool { return b.Audience == a })
}

func (f BannerSet) fold(m *Meeting, _ Event) error {
	if err := m.checkBanner(Banner(f)); err != nil {
		return err
	}
	b := Banner{Audience: f.Audience, Text: f.Text, Until: canonical(f.Until)}
	if i := m.banner(f.Audience); i >= 0 {
		m.s.Banners[i] = b
		return nil
	}
	if len(m.s.Banners) >= maxBanners {
		return errIllegal
	}
	m.s.Banners = append(m.s.Banners, b)
	return nil
}

func (f BannerCleared) fold(m *Meeting, _ Event) error {
	i := m.banner(f.Audience)
	if i < 0 {
		return errIllegal
	}
	if m.s.Banners = slices.Delete(m.s.Banners, i, i+1); len(m.s.Banners) == 0 {
		m.s.Banners = nil
	}
	return nil
}
