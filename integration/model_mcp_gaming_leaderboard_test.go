package integration

import (
	"errors"
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// Games, scores, achievements and tournaments, in four tables. Keys are the fields themselves, and scores and rankings are numbers.

type gamingGame struct {
	_ struct{} `entity:"GAME" hash:"ID" sk:"METADATA"`

	ID               string `dynamodbav:"game_id"`
	Title            string `dynamodbav:"title"`
	Genre            string `dynamodbav:"genre"`
	ReleaseDate      string `dynamodbav:"release_date"`
	Publisher        string `dynamodbav:"publisher"`
	MaxPlayers       *int   `dynamodbav:"max_players"`
	Active           bool   `dynamodbav:"is_active"`
	VerificationCode string `dynamodbav:"verification_code,omitempty"`
}

type gamingScore struct {
	_ struct{} `entity:"SCORE" hash:"GameID" range:"Score"`
	_ struct{} `index:"PlayerScoresIndex" hash:"PlayerID" range:"Score"`

	GameID       string `dynamodbav:"game_id"`
	Score        int    `dynamodbav:"score"`
	PlayerID     string `dynamodbav:"player_id" repo:"required"`
	PlayerName   string `dynamodbav:"player_name"`
	AchievedAt   string `dynamodbav:"achieved_at"`
	LevelReached *int   `dynamodbav:"level_reached"`
	PlaySeconds  *int   `dynamodbav:"play_duration_seconds"`
}

type gamingAchievement struct {
	_ struct{} `entity:"ACHIEVEMENT" hash:"PlayerID" range:"ID"`
	_ struct{} `index:"GameAchievementsIndex" hash:"GameID" range:"Points"`

	PlayerID    string `dynamodbav:"player_id"`
	ID          string `dynamodbav:"achievement_id"`
	GameID      string `dynamodbav:"game_id" repo:"required"`
	Name        string `dynamodbav:"achievement_name"`
	Description string `dynamodbav:"description,omitempty"`
	Points      int    `dynamodbav:"points"`
	UnlockedAt  string `dynamodbav:"unlocked_at"`
	Rarity      string `dynamodbav:"rarity,omitempty"`
}

type gamingTournament struct {
	_ struct{} `entity:"TOURNAMENT" hash:"ID" range:"Ranking"`

	ID         string   `dynamodbav:"tournament_id"`
	Ranking    int      `dynamodbav:"ranking"`
	PlayerID   string   `dynamodbav:"player_id"`
	PlayerName string   `dynamodbav:"player_name"`
	TotalScore int      `dynamodbav:"total_score"`
	Matches    int      `dynamodbav:"matches_played"`
	Wins       *int     `dynamodbav:"wins"`
	Prize      *float64 `dynamodbav:"prize_amount"`
}

var (
	gamingGameCode          = expr.String(func(v *gamingGame) *string { return &v.VerificationCode })
	gamingScoreGame         = expr.String(func(v *gamingScore) *string { return &v.GameID })
	gamingScorePlayer       = expr.String(func(v *gamingScore) *string { return &v.PlayerID })
	gamingScoreScore        = expr.Number(func(v *gamingScore) *int { return &v.Score })
	gamingAchievementPlayer = expr.String(func(v *gamingAchievement) *string { return &v.PlayerID })
	gamingAchievementGame   = expr.String(func(v *gamingAchievement) *string { return &v.GameID })
	gamingTournamentID      = expr.String(func(v *gamingTournament) *string { return &v.ID })
	gamingTournamentRanking = expr.Number(func(v *gamingTournament) *int { return &v.Ranking })
	gamingTournamentPlayer  = expr.String(func(v *gamingTournament) *string { return &v.PlayerID })
	gamingTournamentTotal   = expr.Number(func(v *gamingTournament) *int { return &v.TotalScore })
	gamingTournamentMatches = expr.Number(func(v *gamingTournament) *int { return &v.Matches })
)

func TestModelMCPGamingLeaderboard(t *testing.T) {
	testMCP(t, "gaming_leaderboard", "gaming_leaderboard", func(t *testing.T, d *mcpDesign) {
		gameTable := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "game_id", Range: "sk"}, TypeAttribute: "-"})
		scoreTable := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "game_id", Range: "score"}, TypeAttribute: "-",
			Indexes: []repo.Index{{Name: "PlayerScoresIndex", Hash: []string{"player_id"}, Range: []string{"score"}}},
		})
		achievementTable := uniqueTable(t, repo.Table{
			Key:     repo.Key{Hash: "player_id", Range: "achievement_id"},
			Indexes: []repo.Index{{Name: "GameAchievementsIndex", Hash: []string{"game_id"}, Range: []string{"points"}}},
		})
		tournamentTable := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "tournament_id", Range: "ranking"}})
		games, scores := openMCP[gamingGame](t, d, "Game", gameTable), openMCP[gamingScore](t, d, "LeaderboardEntry", scoreTable)
		achievements, tournaments := openMCP[gamingAchievement](t, d, "PlayerAchievement", achievementTable), openMCP[gamingTournament](t, d, "TournamentEntry", tournamentTable)
		d.make(t, "GameTable", gameTable, games.repo)
		d.make(t, "LeaderboardTable", scoreTable, scores.repo)
		d.make(t, "AchievementTable", achievementTable, achievements.repo)
		d.make(t, "TournamentTable", tournamentTable, tournaments.repo)
		games.load(t, games.like(mcpRow{"game_id": "game-3", "verification_code": "V-3", "max_players": nil}))
		scores.load(t, // scores that texts would put in another order
			scores.like(mcpRow{"score": 9000, "player_id": "player-2"}), scores.like(mcpRow{"score": 120000}), scores.like(mcpRow{"score": 0, "level_reached": nil}),
			scores.like(mcpRow{"score": -50}), scores.like(mcpRow{"score": 700, "game_id": "game-3"}))
		achievements.load(t,
			achievements.like(mcpRow{"achievement_id": "achievement-22222", "points": 1000}), achievements.like(mcpRow{"achievement_id": "achievement-33333", "points": 20, "rarity": nil}),
			achievements.like(mcpRow{"player_id": "player-2", "points": 99}))
		tournaments.load(t,
			tournaments.like(mcpRow{"ranking": 10, "player_id": "player-10", "wins": nil}), tournaments.like(mcpRow{"ranking": 1, "player_id": "player-1", "prize_amount": 1000.5}),
			tournaments.like(mcpRow{"ranking": 2, "player_id": "player-2", "prize_amount": nil}))

		ctx := t.Context()
		ofGame, ofPlayer, ofTournament := rowIs("game_id", "game-12345"), rowIs("player_id", "player-67890"), rowIs("tournament_id", "tournament-22222")
		game := func(r *repo.Repository[gamingGame], id string) func(*testing.T) {
			return func(t *testing.T) {
				v, err := r.Get(ctx, gamingGame{ID: id})
				games.expectOne(t, v, err, games.where(rowIs("game_id", id))[0])
			}
		}
		d.expectAnswers(t, map[int]func(*testing.T){
			1: game(games.repo.Consistent(), "game-12345"),
			2: func(t *testing.T) {
				games.expectScanned(t, games.repo.Scan().All(ctx), func(v gamingGame) string { return v.ID }, games.where().by("game_id"))
			},
			3: func(t *testing.T) {
				scores.expect(t, scores.repo.Query(gamingScoreGame.Eq("game-12345")).Desc().All(ctx), scores.where(ofGame).by("score").reversed())
				scores.expect(t, scores.repo.Query(gamingScoreGame.Eq("game-12345"), gamingScoreScore.Ge(9000)).All(ctx), scores.where(ofGame, rowFrom("score", 9000)).by("score"))
			},
			4: func(t *testing.T) {
				scores.expect(t, scores.repo.Query(gamingScorePlayer.Eq("player-67890")).All(ctx), scores.where(ofPlayer).by("score"))
				scores.expect(t, scores.repo.Query(gamingScorePlayer.Eq("player-67890"), gamingScoreScore.Between(0, 85000)).All(ctx),
					scores.where(ofPlayer, rowFrom("score", 0), rowUntil("score", 85000)).by("score"))
			},
			5: scores.creates(scores.like(mcpRow{"score": 300000, "player_id": "player-3"})),
			6: func(t *testing.T) {
				achievements.expect(t, achievements.repo.Query(gamingAchievementPlayer.Eq("player-67890")).All(ctx), achievements.where(ofPlayer).by("achievement_id"))
			},
			7: func(t *testing.T) {
				achievements.expect(t, achievements.repo.Query(gamingAchievementGame.Eq("game-12345")).All(ctx), achievements.where(ofGame).by("points"))

				var most []any
				part := achievements.repo.IndexPartition("GameAchievementsIndex", gamingAchievement{GameID: "game-12345"})
				for v, err := range part.Desc().Limit(2).Items(ctx, achievements.repo) {
					if err != nil {
						t.Fatal(err)
					}
					most = append(most, v)
				}
				achievements.expectValues(t, most, achievements.where(ofGame).by("points").reversed()[:2])
			},
			8: achievements.creates(achievements.like(mcpRow{"achievement_id": "achievement-44444", "points": 5, "description": nil})),
			9: func(t *testing.T) {
				tournaments.expect(t, tournaments.repo.Query(gamingTournamentID.Eq("tournament-22222")).All(ctx), tournaments.where(ofTournament).by("ranking"))
			},
			10: func(t *testing.T) {
				fifth := gamingTournament{ID: "tournament-22222", Ranking: 5}
				change := tournaments.usage.Update
				v, err := tournaments.repo.Update(ctx, fifth, gamingTournamentTotal.Set(change.integer("total_score")), gamingTournamentMatches.Add(2), gamingTournamentPlayer.Set("player-5"))
				changed := mcpRow{"total_score": change["total_score"], "matches_played": 5, "player_id": "player-5"}
				tournaments.updated(t, tournaments.usage.Sample, changed, v, err)

				// The ranking itself is the key: another one is another item.
				if _, err := tournaments.repo.Update(ctx, fifth, gamingTournamentRanking.Set(3)); !errors.Is(err, repo.ErrImmutable) {
					t.Errorf("another ranking: %v, want ErrImmutable", err)
				}
				before := tournaments.usage.Sample.with(changed)
				after := before.with(mcpRow{"ranking": 3})
				move := txn.New(d.server).Add(txn.Delete(tournaments.repo.If(gamingTournamentPlayer.Eq("player-5")), fifth), txn.Create(tournaments.repo, tournaments.value(after)))
				if err := move.Commit(ctx); err != nil {
					t.Fatal(err)
				}
				tournaments.gone(t, before)
				tournaments.rows = append(tournaments.rows, after)
				tournaments.expect(t, tournaments.repo.Query(gamingTournamentID.Eq("tournament-22222"), gamingTournamentRanking.Le(3)).All(ctx),
					tournaments.where(ofTournament, rowUntil("ranking", 3)).by("ranking"))
				put(t, tournaments.repo, tournaments.value(before))
				tournaments.rows = append(tournaments.rows, before)
			},
			11: game(games.repo, "game-98765"),
			12: func(t *testing.T) {
				want := games.where(rowIs("game_id", "game-3"), rowIs("verification_code", "V-3"))[0]
				v, err := games.repo.Consistent().Get(ctx, gamingGame{ID: "game-3"})
				games.expectOne(t, v, err, want)
				// The code is checked on the server where something depends on it.
				checked := func(code string) error {
					return txn.New(d.server).Add(txn.Check(games.repo.If(gamingGameCode.Eq(code)), gamingGame{ID: "game-3"})).Commit(ctx)
				}
				if err := checked("V-3"); err != nil {
					t.Error(err)
				}
				if err := checked("V-4"); !errors.Is(err, repo.ErrConditionFailed) {
					t.Errorf("another code: %v, want ErrConditionFailed", err)
				}
			},
		})
		games.changes(t)
		scores.changes(t)
		achievements.changes(t)
		tournaments.changes(t)
	})
}
