# A candidate’s account
tab-fairs = Fairs
tab-talks = Chats
tab-mine = Me
tab-rounds = Interviews
tab-hall = Talk hall
tab-office = Office
