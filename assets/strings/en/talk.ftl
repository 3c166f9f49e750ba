# Conversations
notice-saved = Saved: { $name }
notice-interview-soon = { $round } begins within half an hour
