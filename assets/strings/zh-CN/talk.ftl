# 洽谈
notice-saved = 已保存：{ $name }
notice-interview-soon = { $round }将在半小时内开始
