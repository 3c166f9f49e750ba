# 求职者账号
tab-fairs = 招聘会
tab-talks = 洽谈
tab-mine = 我的
tab-rounds = 面试大厅
tab-hall = 洽谈大厅
tab-office = 单位
